import {
  ENDPOINT_DEFAULTS,
  type RecordEndpointConfig,
} from '../../../nodes/record-endpoint/config';
import { EXCHANGE_INPUTS } from '../../../nodes/record-endpoint/exchange-fields';
import { exchangeFor } from '../../../nodes/record-endpoint/exchange-settings';
import { presetValues } from '../../../nodes/record-endpoint/preset-values';
import { RECIPES, type RecipeId } from '../../../nodes/record-endpoint/recipes';
import { apiSettings, ownHeaders } from '../../../nodes/record-endpoint/settings';
import { Engine, type EngineOptions } from '../engine';
import type { PlayedApi } from './played-api';

/** The endpoint that the dialog stores when somebody chooses a recipe and fills in nothing but the base URL. */
export function recipeConfig(id: RecipeId, baseUrl: string): RecordEndpointConfig {
  const values = presetValues('rest', RECIPES[id]);
  const own = Object.entries(values).filter(([name]) => !(name in EXCHANGE_INPUTS));
  return {
    ...ENDPOINT_DEFAULTS,
    ...(Object.fromEntries(own) as Partial<RecordEndpointConfig>),
    server: 'url',
    baseUrl,
    exchange: exchangeFor(values),
  };
}

/** The update loop behind an endpoint that was set up by the API's recipe. */
export function recipeEngine(
  { recipe, collection, key }: PlayedApi,
  url: string,
  options: EngineOptions = {},
): Engine {
  const config = recipeConfig(recipe, url);
  return new Engine(url, {
    collection,
    key,
    ...options,
    family: config.family,
    rest: { ...apiSettings(config), ...options.rest },
    transport: { headers: ownHeaders(config) ?? {}, ...options.transport },
  });
}
