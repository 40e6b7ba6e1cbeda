import { ProviderConfigEntity } from './provider-config.ts';

/** Every table the ORM reads or writes. */
export const ENTITIES = [ProviderConfigEntity];
