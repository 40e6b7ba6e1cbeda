/**
 * Reads a response that must be sound.
 * @throws Error when the provider says that it is something else, for example a proxy's page
 */
export async function readSound(response: Response): Promise<Uint8Array> {
  const type = response.headers.get('content-type') ?? '';
  if (!/^(audio\/|application\/octet-stream)/i.test(type)) {
    await response.body?.cancel();
    throw new Error('The answer is not sound.');
  }
  return new Uint8Array(await response.arrayBuffer());
}
