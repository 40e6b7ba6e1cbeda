import type { Vendor } from '../vendor.ts';
import { type FreeRoute, jsonReply } from '../wire.ts';

/** Models that GET /v1/models lists, with the day they are gone where the vendor has named one. */
const MODELS: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  openai: {
    'gpt-6-luna': null,
    'gpt-6.1-terra': null,
    'gpt-6.1-sol': null,
    'gpt-4o': '2027-01-14',
    'gpt-4o-mini': '2027-01-14',
    'tts-1': '2027-01-06',
    'tts-1-hd': '2027-01-06',
    'gpt-4o-mini-tts': '2027-01-06',
  },
  local_small_model: { zporta_v1: null },
};

/** 2026-01-01T00:00:00Z; the list has to say something, and a constant keeps it repeatable. */
const CREATED_AT_S = 1_767_225_600;

/** GET /v1/models. */
export function openaiModels(vendor: Vendor): FreeRoute {
  return {
    kind: 'free',
    vendor,
    method: 'GET',
    path: /^\/v1\/models$/,
    answer: () =>
      jsonReply({
        object: 'list',
        data: Object.entries(MODELS[vendor.provider] ?? {}).map(([id, shutdownDate]) => ({
          id,
          object: 'model',
          created: CREATED_AT_S,
          owned_by: vendor.provider,
          shutdown_date: shutdownDate,
        })),
      }),
  };
}
