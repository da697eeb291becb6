package media

import (
	_ "github.com/klippa-app/go-pdfium"
	_ "github.com/klippa-app/go-pdfium/webassembly"
	_ "golang.org/x/net/html"
)
