package media

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"runtime/debug"
	"sync"
	_ "unsafe" // for go:linkname

	_ "github.com/gen2brain/avif"
	_ "github.com/gen2brain/heic"
	_ "github.com/gen2brain/webp"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// The WebAssembly that the libraries carry. Their Go side is gone round, because it cannot be told how much memory to take,
// and copies all of it whenever the decoder wants some more: a picture of 12 megapixels takes 800 MB with it and 270 without.
// A version of a library that has another name for it does not link, or fails the tests.
//
//go:linkname avifCode github.com/gen2brain/avif.decodeWasm
var avifCode []byte

//go:linkname heicCode github.com/gen2brain/heic.heifWasm
var heicCode []byte

//go:linkname webpCode github.com/gen2brain/webp.webpWasm
var webpCode []byte

// codecs are the decoders that run as WebAssembly, each compiled at its first picture. They see no file, clock or
// environment.
type codecs struct {
	// cache is a directory with the compiled decoders; empty compiles them.
	cache string

	mu       sync.Mutex
	compiled map[string]*codec
}

// codec is one compiled decoder.
type codec struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
	close   func() error
}

// get gives the decoder of a type.
func (c *codecs) get(ctx context.Context, mime string) (*codec, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.compiled[mime]; k != nil {
		return k, nil
	}
	k, err := compileCodec(ctx, mime, c.cache)
	if err != nil && c.cache != "" {
		k, err = compileCodec(ctx, mime, "") // a worker process cannot write what is missing in the cache
	}
	if err == nil {
		debug.FreeOSMemory() // what compiling has left stands beside the picture otherwise
	}
	if err != nil {
		return nil, fmt.Errorf("compile decoder: %w", err)
	}
	if c.compiled == nil {
		c.compiled = map[string]*codec{}
	}
	c.compiled[mime] = k
	return k, nil
}

// close frees the decoders.
func (c *codecs) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []error
	for _, k := range c.compiled {
		all = append(all, k.close())
	}
	c.compiled = nil
	return errors.Join(all...)
}

// compileCodec compiles a decoder, or takes it from a cache.
func compileCodec(ctx context.Context, mime, dir string) (*codec, error) {
	packed, err := gzip.NewReader(bytes.NewReader(map[string][]byte{mimeAVIF: avifCode, mimeHEIC: heicCode, mimeWebP: webpCode}[mime]))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	code, err := io.ReadAll(packed)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	cache := wazero.NewCompilationCache()
	if dir != "" {
		if cache, err = wazero.NewCompilationCacheWithDir(dir); err != nil {
			return nil, fmt.Errorf("open cache: %w", err)
		}
	}
	ctx = context.WithoutCancel(ctx) // it outlives the first picture
	k := &codec{runtime: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCompilationCache(cache))}
	k.close = func() error { return errors.Join(k.runtime.Close(ctx), cache.Close(ctx)) }
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, k.runtime); err != nil {
		return nil, errors.Join(err, k.close())
	}
	if k.module, err = k.runtime.CompileModule(ctx, code); err != nil {
		return nil, errors.Join(err, k.close())
	}
	return k, nil
}

// decode runs the decoder of a type on the size bytes of r, and gives a picture that lies in room, up to the
// next one.
func (c *codecs) decode(ctx context.Context, room *arena, mime string, r io.Reader, size int64) (image.Image, error) {
	k, err := c.get(ctx, mime)
	if err != nil {
		return nil, err
	}
	if err := room.open(); err != nil {
		return nil, err
	}
	module, err := k.runtime.InstantiateModule(experimental.WithMemoryAllocator(ctx, room), k.module, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, fmt.Errorf("start decoder: %w", err)
	}
	defer module.Close(ctx)
	in := &sandbox{module, ctx, room}
	var m image.Image
	switch mime {
	case mimeAVIF:
		m, err = in.avif(r, size)
	case mimeHEIC:
		m, err = in.heic(r, size)
	case mimeWebP:
		m, err = in.webp(r, size)
	}
	if err != nil && room.full {
		return nil, &Error{Kind: TooLarge, Safe: "Reading the picture takes more memory than it may; a smaller or simpler copy will do.", Err: err}
	}
	return m, err
}

// sandbox is a decoder at work on one picture.
type sandbox struct {
	api.Module
	ctx  context.Context
	room *arena
}

var errDecoder = errors.New("decoder gave up")

// call calls a function of the decoder and gives its result.
func (s *sandbox) call(name string, args ...uint64) (uint32, error) {
	f := s.ExportedFunction(name)
	if f == nil {
		return 0, fmt.Errorf("decoder has no %s", name)
	}
	results, err := f.Call(s.ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("call %s: %w", name, err)
	}
	if len(results) != 1 || uint32(results[0]) == 0 {
		return 0, fmt.Errorf("call %s: %w", name, errDecoder) // no memory, or no picture
	}
	return uint32(results[0]), nil
}

// put lays n bytes of r into the decoder's memory, and gives where, and a place for a few numbers.
func (s *sandbox) put(r io.Reader, n int64) (at, numbers uint64, err error) {
	if at, err = s.malloc(n); err != nil {
		return 0, 0, err
	}
	to, err := s.view(at, n)
	if err != nil {
		return 0, 0, err
	}
	if _, err := io.ReadFull(r, to); err != nil {
		return 0, 0, fmt.Errorf("read picture: %w", err)
	}
	numbers, err = s.malloc(64)
	return at, numbers, err
}

// number reads one of the numbers.
func (s *sandbox) number(numbers uint64, i int) int {
	v, _ := s.Memory().ReadUint32Le(uint32(numbers) + uint32(4*i))
	return int(v)
}

// malloc takes n bytes of the decoder's memory.
func (s *sandbox) malloc(n int64) (uint64, error) {
	if n > math.MaxInt32 {
		return 0, errDecoder
	}
	at, err := s.call("malloc", uint64(n))
	return uint64(at), err
}

// view gives n bytes of the decoder's memory, without a copy.
func (s *sandbox) view(at uint64, n int64) ([]byte, error) {
	b, ok := s.Memory().Read(uint32(at), uint32(n))
	if !ok {
		return nil, errDecoder
	}
	return b, nil
}
