/** What Gemini's generateContent and countTokens take. */
import { z } from 'zod';
import { chooseTools } from '../call-tools.ts';
import type { OfferedTool } from '../wire.ts';

const Part = z.strictObject({
  text: z.string().optional(),
  functionCall: z.strictObject({ id: z.string().optional(), name: z.string(), args: z.record(z.string(), z.unknown()) }).optional(),
  functionResponse: z.strictObject({ id: z.string().optional(), name: z.string(), response: z.record(z.string(), z.unknown()) }).optional(),
  thoughtSignature: z.string().optional(),
});
const Content = z.strictObject({ role: z.enum(['user', 'model']).optional(), parts: z.array(Part).min(1) });

const ThinkingLevel = z.enum(['MINIMAL', 'LOW', 'MEDIUM', 'HIGH']);
const SpeechConfig = z.strictObject({
  languageCode: z.string().optional(),
  voiceConfig: z.strictObject({ prebuiltVoiceConfig: z.strictObject({ voiceName: z.string() }) }),
});

export const GeminiBody = z.strictObject({
  contents: z.array(Content).min(1),
  systemInstruction: Content.optional(),
  tools: z
    .array(
      z.strictObject({
        functionDeclarations: z.array(
          z.strictObject({ name: z.string(), description: z.string().optional(), parametersJsonSchema: z.unknown().optional() }),
        ),
      }),
    )
    .optional(),
  toolConfig: z
    .strictObject({
      functionCallingConfig: z.strictObject({
        mode: z.enum(['NONE', 'AUTO', 'ANY']),
        allowedFunctionNames: z.array(z.string()).length(1).optional(),
      }),
    })
    .optional(),
  generationConfig: z
    .strictObject({
      temperature: z.number().min(0).max(2).optional(),
      topP: z.number().min(0).max(1).optional(),
      maxOutputTokens: z.int().positive().optional(),
      seed: z.int().optional(),
      stopSequences: z.array(z.string()).max(5).optional(),
      thinkingConfig: z.strictObject({ thinkingLevel: ThinkingLevel.optional(), thinkingBudget: z.int().optional() }).optional(),
      responseMimeType: z.enum(['text/plain', 'application/json']).optional(),
      responseSchema: z.unknown().optional(),
      responseJsonSchema: z.unknown().optional(),
      responseModalities: z.array(z.enum(['TEXT', 'AUDIO'])).optional(),
      speechConfig: SpeechConfig.optional(),
    })
    .default({}),
});
export type GeminiBody = z.infer<typeof GeminiBody>;

export function plainText(content: z.infer<typeof Content> | undefined): string {
  return (content?.parts ?? []).map((part) => part.text ?? '').join('');
}

/** Everything a model reads of a message. */
export function readIn(content: z.infer<typeof Content> | undefined): string {
  return (content?.parts ?? [])
    .map(({ text, functionCall, functionResponse }) => text ?? JSON.stringify(functionCall?.args ?? functionResponse?.response))
    .join('');
}

const CHOICES = { NONE: 'none', AUTO: 'auto', ANY: 'required' } as const;

/** From Gemini 3 on the first call of a turn carries the signature of its thought. */
function refuseUnsigned({ contents }: GeminiBody, model: string): void {
  if (!/^gemini-([3-9])/.test(model)) return;
  for (const { parts } of contents) {
    const call = parts.find((part) => part.functionCall !== undefined);
    if (call !== undefined && call.thoughtSignature === undefined)
      throw new Error(`Function call \`default_api:${call.functionCall?.name}\` is missing a thought_signature.`);
  }
}

/** The functions the model calls now. */
export function toolsOf(body: GeminiBody, { model, prompt }: { model: string; prompt: string }): OfferedTool[] {
  refuseUnsigned(body, model);
  const { mode = 'AUTO', allowedFunctionNames: [only] = [] } = body.toolConfig?.functionCallingConfig ?? {};
  return chooseTools({
    offered: (body.tools ?? []).flatMap((tool) =>
      tool.functionDeclarations.map(({ name, parametersJsonSchema: parameters }) => ({ name, parameters })),
    ),
    choice: only === undefined ? CHOICES[mode] : { name: only },
    answered: body.contents.at(-1)?.parts.some((part) => part.functionResponse !== undefined) === true,
    parallel: true,
    prompt,
  });
}
