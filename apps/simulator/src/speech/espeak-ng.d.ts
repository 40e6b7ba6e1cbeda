declare module '@echogarden/espeak-ng-emscripten' {
  /** One synthesiser. Sound comes as views of memory that is overwritten. */
  interface Synthesizer {
    set_voice(name: string): number;
    /** Words per minute. */
    set_rate(rate: number): void;
    /** 0 to 99; 50 is usual. */
    set_pitch(pitch: number): void;
    synthesize(text: string, onSamples: (samples: ArrayBuffer | Int16Array | null, events: unknown) => void): void;
  }
  interface Module {
    eSpeakNGWorker: new () => Promise<Synthesizer> | Synthesizer;
  }
  export default function load(): Promise<Module>;
}
