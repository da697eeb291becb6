package store_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"parley/store/storetest"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(childEnv); role != "" {
		os.Exit(child(role))
	}
	goleak.VerifyTestMain(storetest.Main(m))
}
