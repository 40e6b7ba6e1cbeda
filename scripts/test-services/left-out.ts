/** Services a test run can do without when somebody says so. Postgres and S3 come with the project and are always there. */
const OPTIONAL = ['redis', 'browser', 'python'] as const;

export type OptionalService = (typeof OPTIONAL)[number];

/**
 * Services that are left out on purpose: AI_CORE_TEST_WITHOUT=redis,browser,python.
 * @param value text of the variable
 * @throws Error for a name that cannot be left out, since a typing mistake would hide behind it
 */
export function leftOut(value = process.env['AI_CORE_TEST_WITHOUT'] ?? ''): OptionalService[] {
  const names = value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names.map((name) => {
    const service = OPTIONAL.find((optional) => optional === name);
    if (service === undefined) throw new Error(`AI_CORE_TEST_WITHOUT knows ${OPTIONAL.join(', ')}, not "${name}"`);
    return service;
  });
}
