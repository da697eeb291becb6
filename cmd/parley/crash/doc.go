// Package crash kills the real binary, at named steps and at random moments, stops what it stands on, and then counts
// what a person sees in the simulated workspaces: every addressed message answered exactly once, none lost, none
// answered twice, none left half written. It holds only tests, behind the build tag "crash":
//
//	go test -tags crash ./cmd/parley/crash                            the short run, part of make test
//	go test -tags crash -timeout 3h ./cmd/parley/crash -kills 500     the long one: make crash
//
// The binary is built once, with the tags failpoints (package conversation/failpoint) and bench (no limits by the
// minute, since the simulators count no calls either).
package crash
