/** How two spellings of one value are told equal. Declared, never sniffed. */
export type FieldType =
  | { readonly type: 'decimal'; readonly scale?: number } // 1.0 = "1.00"; rounded to `scale` when given
  | { readonly type: 'integer' } // exact beyond 2^53, 7 = "7", "007" = 7
  | { readonly type: 'date' } // 2025-02-08 = 2025-02-08T00:00:00Z
  | { readonly type: 'date-time' } // instants at 100 ns precision
  | { readonly type: 'guid' } // case and braces ignored
  | { readonly type: 'lookup' } // "/accounts(guid)" = guid
  | { readonly type: 'text' }; // exact

export type FieldTypes = Readonly<Record<string, FieldType>>;
