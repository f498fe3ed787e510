/** Stopping and going on, for a program that has taken the terminal. */

export interface JobControl {
  /** Stops as ctrl-Z stops a program, with all that runs beside it in this job. */
  readonly suspend: () => void;
  readonly release: () => void;
}

/** Nobody is stopped by SIGTSTP where no shell could make him go on: then this is how long it takes. */
const UNSTOPPED_MS = 100;

/** @param leave gives the terminal to the shell, also where the signal comes from elsewhere @param enter takes it again */
export function createJobControl(leave: () => void, enter: () => void): JobControl {
  let timer: NodeJS.Timeout | undefined;

  function suspend(): void {
    release();
    leave();
    process.once('SIGCONT', resume);
    timer = setTimeout(resume, UNSTOPPED_MS);
    process.kill(0, 'SIGTSTP');
  }

  function release(): void {
    clearTimeout(timer);
    process.off('SIGCONT', resume);
    process.off('SIGTSTP', suspend);
  }

  function resume(): void {
    release();
    process.on('SIGTSTP', suspend);
    enter();
  }

  process.on('SIGTSTP', suspend);
  return {suspend, release};
}
