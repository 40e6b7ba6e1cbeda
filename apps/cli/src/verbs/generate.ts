import type { Verb } from '../verb.ts';
import { declareAudio } from './generate/audio.ts';
import { declareText } from './generate/text.ts';

export const generate: Verb = {
  declare(program, run) {
    const command = program.command('generate').description('ask for a text or for speech');
    declareText(command, run);
    declareAudio(command, run);
    return command;
  },
};
