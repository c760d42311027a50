package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/cache"
)

func newCache(s surroundings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Look at what builds keep for the next one, trim or clear it",
		Long: `Cache looks after the folder in which builds keep finished payloads for the next
build. It may be deleted at any time. It is that of --cache, else of
$FWPACK_CACHE_DIR, else $XDG_CACHE_HOME/fwpack, else ~/.cache/fwpack.

$FWPACK_CACHE_SIZE says how much it may hold, such as 20G; 10G where it is not set.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCacheShow(s), newCacheTrim(s), newCacheClear(s))
	return cmd
}

func newCacheShow(s surroundings) *cobra.Command {
	var dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Tell where the cache is and what it holds",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			c, err := s.wantCache(dir)
			if err != nil {
				return err
			}
			u, err := c.Usage()
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(s.stdout, u)
			}
			return showUsage(s.stdout, u)
		},
	}
	addCacheDir(cmd, &dir)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newCacheTrim(s surroundings) *cobra.Command {
	var dir, limit string
	cmd := &cobra.Command{
		Use:   "trim",
		Short: "Remove what has not been used for longest",
		Long: `Trim removes what no build has used for longest, until the cache has the size that
it may have; builds do so themselves. Builds may run meanwhile.`,
		Example: "  fwpack cache trim --size 2G",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runCacheTrim(cmd.Context(), dir, limit, s)
		},
	}
	addCacheDir(cmd, &dir)
	cmd.Flags().StringVar(&limit, "size", "", "leave at most `SIZE`: bytes, or K, M, G or T (default $FWPACK_CACHE_SIZE, else 10G)")
	return cmd
}

func runCacheTrim(ctx context.Context, dir, limit string, s surroundings) error {
	var bytes int64
	if limit != "" {
		var err error
		if bytes, err = parseSize(limit); err != nil {
			return usageError{fmt.Sprintf("--size %q: %v", limit, err)}
		}
	}
	c, err := s.wantCache(dir)
	if err != nil {
		return err
	}
	removed, err := c.Trim(ctx, bytes, s.now())
	if err != nil {
		return err
	}
	return showRemoved(s.stdout, c, removed.Payloads, removed.Sources, removed.Records, removed.Bytes)
}

func newCacheClear(s surroundings) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "clear",
		Short: "Remove everything in the cache",
		Long: `Clear removes all that builds have kept. The folder stays; one that no build made
is refused.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			c, err := s.wantCache(dir)
			if err != nil {
				return err
			}
			before, err := c.Usage()
			if err != nil {
				return err
			}
			if err := c.Clear(); err != nil {
				return err
			}
			return showRemoved(s.stdout, c, before.Payloads, before.Sources, before.Records, before.Bytes)
		},
	}
	addCacheDir(cmd, &dir)
	return cmd
}

// wantCache opens the cache for one who asks for it: that there is none is an error.
func (s surroundings) wantCache(flag string) (*cache.Cache, error) {
	c, err := s.openCache(flag)
	if err == nil && c == nil {
		err = usageError{"no folder for a cache is known: --cache DIR or FWPACK_CACHE_DIR names one"}
	}
	return c, err
}

// showUsage prints what a cache holds.
func showUsage(w io.Writer, u cache.Usage) error {
	const form = "%-12s %v\n"
	_, err := fmt.Fprintf(w, form+form+form+form+form, "folder", u.Dir,
		"holds", fmt.Sprintf("%s of %s (%d%%)", size(u.Bytes), size(u.Limit), u.Bytes*100/max(u.Limit, 1)),
		"payloads", u.Payloads, "sources", u.Sources, "records", u.Records)
	if err != nil || u.Oldest == nil {
		return err
	}
	_, err = fmt.Fprintf(w, form+form, "oldest use", u.Oldest.Format(time.DateTime)+" UTC", "last use", u.Newest.Format(time.DateTime)+" UTC")
	return err
}

// showRemoved prints what is gone, and what is left.
func showRemoved(w io.Writer, c *cache.Cache, payloads, sources, records int, bytes int64) error {
	u, err := c.Usage()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "removed %s, %s and %s, %s; %s of %s left\n",
		plural(payloads, "payload"), plural(sources, "source"), plural(records, "record"), size(bytes), size(u.Bytes), size(u.Limit))
	return err
}
