import { PriceEntity } from './price.ts';
import { ProviderConfigEntity } from './provider-config.ts';

/** Every table the ORM reads or writes. */
export const ENTITIES = [PriceEntity, ProviderConfigEntity];
