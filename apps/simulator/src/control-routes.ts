import type { Bill } from './bill.ts';
import { type Control, FaultRuleBody, LatencyBody, LimitsBody, QualityBody } from './control.ts';
import { FAULTS } from './fault.ts';
import { jsonReply, type Reply } from './wire.ts';

export interface ControlRequest {
  readonly query: URLSearchParams;
  /** Last part of the path where the route has one, else ''. */
  readonly id: string;
  readonly body: unknown;
}

interface Controlled {
  readonly control: Control;
  readonly bill: Bill;
}

type Handler = (request: ControlRequest, controlled: Controlled) => Reply;

export const CONTROL_PREFIX = '/__simulator/';

const DONE = jsonReply({ done: true });

function since(query: URLSearchParams): number {
  const value = Number(query.get('since') ?? 0);
  if (!Number.isInteger(value) || value < 0) throw new Error('since must be a whole number: the seq of the last line already seen.');
  return value;
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  'GET health': (_request, { control, bill }) =>
    jsonReply({ ok: true, calls: control.totals(), underWay: control.underWay(), charged: bill.lines().length }),
  'GET bill': ({ query }, { bill }) => jsonReply({ lines: bill.lines(since(query)) }),
  'GET calls': ({ query }, { control }) => jsonReply({ calls: control.calls(since(query)), totals: control.totals() }),
  'GET faults': (_request, { control }) => jsonReply({ known: FAULTS, active: control.listFaults() }),
  'POST faults': ({ body }, { control }) => jsonReply({ id: control.addFault(FaultRuleBody.parse(body)) }, { status: 201 }),
  'DELETE faults': ({ id }, { control }) => {
    if (id === '') control.clearFaults();
    else if (!control.removeFault(Number(id))) return jsonReply({ error: `There is no active fault ${id}.` }, { status: 404 });
    return DONE;
  },
  'PUT latency': ({ body }, { control }) => {
    control.setLatency(LatencyBody.parse(body));
    return DONE;
  },
  'PUT limits': ({ body }, { control }) => {
    control.setLimits(LimitsBody.parse(body));
    return DONE;
  },
  'PUT quality': ({ body }, { control }) => {
    const { model, quality } = QualityBody.parse(body);
    return control.setQuality(model, quality) ? DONE : jsonReply({ error: `There is no tuned model ${model}.` }, { status: 404 });
  },
  'GET prompts': (_request, { control }) => {
    const prompts = control.prompts();
    if (prompts === undefined) return jsonReply({ error: 'Prompts are not kept. Start the simulator with keepPrompts.' }, { status: 404 });
    return jsonReply({ prompts });
  },
};

/**
 * Answers a request below /__simulator/.
 * @param path what follows the prefix, for example `faults/3`
 * @returns 400 with the reason for a bad body, 404 for an unknown path
 */
export function answerControl(
  method: string,
  path: string,
  { request, ...controlled }: Controlled & { request: Omit<ControlRequest, 'id'> },
): Reply {
  const [name = '', id = ''] = path.split('/', 2);
  const handler = HANDLERS[`${method} ${name}`];
  if (!handler) return jsonReply({ error: `No ${method} ${CONTROL_PREFIX}${name}.`, known: Object.keys(HANDLERS) }, { status: 404 });
  try {
    return handler({ ...request, id }, controlled);
  } catch (error) {
    return jsonReply({ error: error instanceof Error ? error.message : 'Bad request.' }, { status: 400 });
  }
}
