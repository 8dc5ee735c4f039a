/** `$metadata` documents in the manner of public services and of products, cut to what they are about. */

const V4 = (schemas: string, version = '4.0'): string => `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="${version}" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
<edmx:Reference Uri="https://vocabularies.example/Core.xml"><edmx:Include Namespace="Org.OData.Core.V1" Alias="Core"/></edmx:Reference>
<edmx:DataServices>${schemas}</edmx:DataServices></edmx:Edmx>`;
const EDM = 'xmlns="http://docs.oasis-open.org/odata/ns/edm"';

/** Northwind's way: types in one schema, the container in another. */
export const NORTHWIND_V4 = V4(`<Schema Namespace="NorthwindModel" ${EDM}>
<EntityType Name="Order_Detail"><Key><PropertyRef Name="OrderID"/><PropertyRef Name="ProductID"/></Key>
<Property Name="OrderID" Type="Edm.Int32" Nullable="false"/><Property Name="ProductID" Type="Edm.Int32" Nullable="false"/>
<Property Name="UnitPrice" Type="Edm.Decimal" Precision="19" Scale="4"/><Property Name="Discount" Type="Edm.Single"/>
<NavigationProperty Name="Order" Type="NorthwindModel.Order"/></EntityType>
<EntityType Name="Order"><Key><PropertyRef Name="OrderID"/></Key><Property Name="OrderID" Type="Edm.Int32" Nullable="false"/>
<Property Name="OrderDate" Type="Edm.DateTimeOffset"/><Property Name="ShipName" Type="Edm.String"/></EntityType></Schema>
<Schema Namespace="ODataWebV4.Northwind.Model" ${EDM}><EntityContainer Name="NorthwindEntities">
<EntitySet Name="Orders" EntityType="NorthwindModel.Order"><NavigationPropertyBinding Path="x" Target="y"/></EntitySet>
<EntitySet Name="Order_Details" EntityType="NorthwindModel.Order_Detail"/>
<FunctionImport Name="Best" Function="NorthwindModel.Best" EntitySet="Orders"/><Singleton Name="Me" Type="NorthwindModel.Order"/>
</EntityContainer></Schema>`);

export const NORTHWIND_V2 = `<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx">
<edmx:DataServices m:DataServiceVersion="1.0" m:MaxDataServiceVersion="3.0" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">
<Schema Namespace="NorthwindModel" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">
<EntityType Name="Category"><Key><PropertyRef Name="CategoryID"/></Key><Property Name="CategoryID" Type="Edm.Int32" Nullable="false"/>
<Property Name="CategoryName" Type="Edm.String" MaxLength="15"/><Property Name="Picture" Type="Edm.Binary"/></EntityType>
<EntityType Name="Stock"><Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.Int64"/>
<Property Name="At" Type="Edm.DateTime"/><Property Name="Version" Type="Edm.Binary" ConcurrencyMode="Fixed"/></EntityType></Schema>
<Schema Namespace="ODataWeb" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">
<EntityContainer Name="Others"><EntitySet Name="Elsewhere" EntityType="NorthwindModel.Category"/></EntityContainer>
<EntityContainer Name="NorthwindEntities" m:IsDefaultEntityContainer="true">
<EntitySet Name="Categories" EntityType="NorthwindModel.Category"/><EntitySet Name="Stocks" EntityType="NorthwindModel.Stock"/>
<FunctionImport Name="Top" ReturnType="Collection(NorthwindModel.Category)" EntitySet="Categories"/></EntityContainer></Schema>
</edmx:DataServices></edmx:Edmx>`;

/** Finance & Operations: keys with the company, enumerations of their own, no word of versions. */
export const FINANCE = V4(`<Schema Namespace="Microsoft.Dynamics.DataEntities" ${EDM}>
<EnumType Name="SalesStatus"><Member Name="None" Value="0"/><Member Name="Backorder" Value="1"/><Member Name="Invoiced" Value="3"/></EnumType>
<EntityType Name="SalesOrderHeaderV2"><Key><PropertyRef Name="dataAreaId"/><PropertyRef Name="SalesOrderNumber"/></Key>
<Property Name="dataAreaId" Type="Edm.String" Nullable="false"/><Property Name="SalesOrderNumber" Type="Edm.String" Nullable="false"/>
<Property Name="SalesOrderStatus" Type="Microsoft.Dynamics.DataEntities.SalesStatus"/><Property Name="OrderTotalAmount" Type="Edm.Decimal" Scale="variable"/>
<Annotation Term="Microsoft.OData.Core.Description" String="x"/></EntityType>
<EntityContainer Name="Resources"><EntitySet Name="SalesOrderHeadersV2" EntityType="Microsoft.Dynamics.DataEntities.SalesOrderHeaderV2"/></EntityContainer></Schema>`);

/** Namespaces, aliases, inheritance (one circle among it), complex types, definitions, annotations that stand apart. */
export const INHERITED = V4(
  `<Schema Namespace="com.example.base" Alias="B" ${EDM}>
<EntityType Name="Thing" Abstract="true"><Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.Guid"/><Property Name="ChangedAt" Type="Edm.DateTimeOffset"/></EntityType>
<EntityType Name="Loop" BaseType="B.Loop"><Property Name="Own" Type="Edm.Int32"/></EntityType>
<ComplexType Name="Address"><Property Name="City" Type="Edm.String"/></ComplexType><TypeDefinition Name="Money" UnderlyingType="Edm.Decimal"/>
</Schema><Schema Namespace="com.example.orders" Alias="Self" ${EDM}>
<EntityType Name="Order" BaseType="B.Thing"><Property Name="Total" Type="B.Money"/><Property Name="At" Type="B.Address"/>
<Property Name="Days" Type="Collection(Edm.Date)"/><Property Name="Status" Type="Edm.String"/>
<Property Name="Made" Type="Edm.Int32"><Annotation Term="Core.Computed"/></Property><Property Name="Free" Type="Edm.Int32"><Annotation Term="Core.Computed" Bool="false"/></Property></EntityType>
<EntityContainer Name="Container"><EntitySet Name="Orders" EntityType="Self.Order"/><EntitySet Name="Loops" EntityType="B.Loop"/><EntitySet Name="Lost" EntityType="Self.Gone"/></EntityContainer>
<Annotations Target="Self.Container/Orders"><Annotation Term="Core.OptimisticConcurrency"><Collection><PropertyPath>ChangedAt</PropertyPath></Collection></Annotation></Annotations>
<Annotations Target="Self.Order"><Annotation Term="Core.OptimisticConcurrency"/></Annotations>
<Annotations Target="Self.Order/Status"><Annotation Term="Validation.AllowedValues"><Collection>
<Record Type="Validation.AllowedValue"><PropertyValue Property="Value" String="open"/><Annotation Term="Core.Description" String="Open"/></Record>
<Record Type="Validation.AllowedValue"><PropertyValue Property="Value" String="closed"/></Record></Collection></Annotation></Annotations></Schema>`,
  '4.01',
);

export const UNKNOWN_VERSION = V4('').replace('/odata/ns/edmx', '/odata/ns/edmx5');
export const WITHOUT_SETS = V4(`<Schema Namespace="a" ${EDM}><EntityContainer Name="c"/></Schema>`);
