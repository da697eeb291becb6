// Package aimocktest checks the model client of package llm against an OpenAI-compatible server that nobody here wrote:
// aimock (https://github.com/CopilotKit/aimock), started with node on a free port of 127.0.0.1.
//
// The tests have the build tag peers and need `npm install` in this folder before; `make test` does both. The package
// holds nothing else.
package aimocktest
