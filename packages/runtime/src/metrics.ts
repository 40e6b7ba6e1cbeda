import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What a metric is called and how it is divided. Labels have few values: never a user, a prompt or an id. */
export interface MetricOptions {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/** Metrics of one process, for Prometheus. */
export interface Metrics {
  counter(options: MetricOptions): (labels: Labels, by?: number) => void;
  /** @param options.buckets upper ends, ascending */
  histogram(options: MetricOptions & { readonly buckets: readonly number[] }): (labels: Labels, value: number) => void;
  /** A value that is looked up when it is asked for; a look-up that fails leaves the metric out. */
  gauge(options: MetricOptions, read: () => Promise<readonly { readonly labels: Labels; readonly value: number }[]>): void;
  readonly contentType: string;
  /** Everything as text. */
  render(): Promise<string>;
}

/** Opens a registry of its own, with what Node tells about the process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const common = ({ name, help, labels }: MetricOptions) => ({ name, help, labelNames: [...labels], registers: [registry] });
  return {
    counter(options) {
      const counter = new Counter(common(options));
      return (labels, by = 1) => counter.inc(labels, by);
    },
    histogram(options) {
      const histogram = new Histogram({ ...common(options), buckets: [...options.buckets] });
      return (labels, value) => histogram.observe(labels, value);
    },
    gauge(options, read) {
      const gauge = new Gauge({
        ...common(options),
        async collect() {
          const values = await read().catch(() => []);
          gauge.reset();
          for (const { labels, value } of values) gauge.set(labels, value);
        },
      });
    },
    contentType: registry.contentType,
    render: () => registry.metrics(),
  };
}
