package main

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/cache"
)

// addCacheDir adds --cache.
func addCacheDir(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "cache", "", "`folder` of the cache (default $FWPACK_CACHE_DIR, else fwpack in the user's folder for caches)")
}

// cacheDir finds the folder of the cache: that of --cache, else FWPACK_CACHE_DIR,
// else fwpack in the folder that the user's system has for caches. There may be
// none: the user of a build service often has no home.
func (s surroundings) cacheDir(flag string) (string, bool) {
	if flag != "" {
		return flag, true
	}
	if dir, _ := s.env("FWPACK_CACHE_DIR"); dir != "" {
		return dir, true
	}
	base, ok := s.userCacheDir(runtime.GOOS)
	if !ok {
		return "", false
	}
	return filepath.Join(base, "fwpack"), true
}

// userCacheDir is where os.UserCacheDir finds the user's caches on a system, read
// from the environment that was given. A relative folder is none, as the XDG Base
// Directory Specification has it.
func (s surroundings) userCacheDir(system string) (string, bool) {
	home, below := "HOME", ".cache"
	switch system {
	case "windows":
		home, below = "LocalAppData", ""
	case "darwin", "ios":
		below = filepath.Join("Library", "Caches")
	}
	for _, place := range []struct{ variable, below string }{{"XDG_CACHE_HOME", ""}, {home, below}} {
		if dir, _ := s.env(place.variable); filepath.IsAbs(dir) {
			return filepath.Join(dir, place.below), true
		}
	}
	return "", false
}

// cacheSize is the limit of FWPACK_CACHE_SIZE in bytes, 0 where it is not set.
func (s surroundings) cacheSize() (int64, error) {
	text, _ := s.env("FWPACK_CACHE_SIZE")
	if text == "" {
		return 0, nil
	}
	n, err := parseSize(text)
	if err != nil {
		return 0, usageError{fmt.Sprintf("FWPACK_CACHE_SIZE is %q: %v", text, err)}
	}
	return n, nil
}

// openCache opens the cache in the folder of --cache, or where cacheDir finds it:
// nil, where there is none.
func (s surroundings) openCache(flag string) (*cache.Cache, error) {
	limit, err := s.cacheSize()
	if err != nil {
		return nil, err
	}
	dir, ok := s.cacheDir(flag)
	if !ok {
		return nil, nil
	}
	return cache.Open(dir, cache.Limits{Size: limit, Now: s.now}), nil
}

// parseSize reads a number of bytes as people write it: "10G", "512MiB", "1048576".
func parseSize(text string) (int64, error) {
	digits, shift := strings.TrimSuffix(text, "iB"), 0
	for i, unit := range []string{"K", "M", "G", "T"} {
		if before, ok := strings.CutSuffix(digits, unit); ok {
			digits, shift = before, 10*(i+1)
			break
		}
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || n == 0 || n > math.MaxInt64>>shift || shift == 0 && digits != text {
		return 0, errors.New("a whole number of bytes, or of K, M, G or T (powers of 1024), is allowed")
	}
	return int64(n) << shift, nil
}
