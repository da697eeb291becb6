// Package failpoint names the steps between an event and the last word of its answer, so that a test can end, stop or
// delay the process at any of them.
//
// In normal builds every function of this package is empty and costs nothing. With the build tag failpoints the
// process obeys PARLEY_FAILPOINT, which the crash harness (cmd/parley/crash) sets:
//
//	name:nth[:action]             at the nth time that the named step is reached; nth 0 is each time
//	random:probability:seed[:action]   at any step, with that probability
//
// Several are separated by commas. The actions are kill (SIGKILL, the default), stop (SIGSTOP), exit (status 1) and
// delay:DURATION. The package imports nothing but the standard library and knows nothing of its callers.
package failpoint
