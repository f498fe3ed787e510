/** Stops (ctrl-Z, SIGTSTP) and resumes (SIGCONT) a full-screen program. */

export interface JobControl {
  /** Stops the process group, like ctrl-Z. */
  readonly suspend: () => void;
  readonly release: () => void;
}

/** Time after which to resume if the process was not stopped: the kernel ignores SIGTSTP in an orphaned process group. */
const UNSTOPPED_MS = 100;

/** Handles SIGTSTP and SIGCONT. @param leave restores the terminal for the shell @param enter redraws the screen */
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
