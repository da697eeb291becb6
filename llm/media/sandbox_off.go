//go:build !nodynamic

package media

const sandboxed = false
