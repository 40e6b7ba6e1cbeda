export { ROUTES } from './routes.ts';
export type { Route } from './route.ts';
export { readAlertTarget, readWebhookPolicy } from './webhook-target.ts';
export { startGateway } from './start-gateway.ts';
export type { Gateway, GatewayOptions } from './start-gateway.ts';
