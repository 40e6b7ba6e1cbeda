/** Whether real or emulated work is looked at: never both in one list or figure. Kept by the browser. */
const KEY = 'ai-core.simulated';

export function isSimulated(): boolean {
  return localStorage.getItem(KEY) === 'true';
}

export function hasChosenSimulated(): boolean {
  return localStorage.getItem(KEY) !== null;
}

export function chooseSimulated(simulated: boolean): void {
  localStorage.setItem(KEY, String(simulated));
}
