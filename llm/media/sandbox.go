//go:build nodynamic

package media

// sandboxed says that the AVIF, HEIC and WebP decoders run as WebAssembly. Without the build tag they would load the
// system's libraries into this process instead, and so these pictures are refused.
const sandboxed = true
