package localpg

import (
	"context"
	"path/filepath"
)

// Look says, without changing anything, whether DataDir holds a database, and fails when the programs are missing that
// Start needs.
func Look(ctx context.Context, dataDir string) (initialised bool, err error) {
	data := filepath.Join(dataDir, "postgres")
	major, err := dataVersion(data)
	if err != nil {
		return false, err
	}
	_, err = findFor(ctx, data)
	return major != 0, err
}
