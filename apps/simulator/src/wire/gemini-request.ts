/** What Gemini's generateContent and countTokens take. */
import { z } from 'zod';

const Part = z.strictObject({ text: z.string() });
const Content = z.strictObject({ role: z.enum(['user', 'model']).optional(), parts: z.array(Part).min(1) });

const ThinkingLevel = z.enum(['MINIMAL', 'LOW', 'MEDIUM', 'HIGH']);
const SpeechConfig = z.strictObject({
  languageCode: z.string().optional(),
  voiceConfig: z.strictObject({ prebuiltVoiceConfig: z.strictObject({ voiceName: z.string() }) }),
});

export const GeminiBody = z.strictObject({
  contents: z.array(Content).min(1),
  systemInstruction: Content.optional(),
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
  return (content?.parts ?? []).map((part) => part.text).join('');
}
