//go:build !linux

package media_test

import "errors"

func measuredWorker(_, _ string) error { return errors.New("only Linux tells") }
