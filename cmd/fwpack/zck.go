package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/deltafile"
)

func newZck(s surroundings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "zck",
		Short: "Make, check and forecast zchunk files for delta updates",
		Long: `A zchunk file is an image cut into chunks by its content, so that a device
downloads only those it does not have. SWUpdate's delta handler wants the file on
a web server and its header in the bundle.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newZckCreate(s), newZckForecast(s), newZckHeader(s), newZckInspect(s), newZckUnpack(s), newZckVerify(s))
	return cmd
}

func newZckHeader(s surroundings) *cobra.Command {
	var out string
	var detached bool
	cmd := &cobra.Command{
		Use:   "header FILE -o HEADER",
		Short: "Take the header of a file, for a bundle",
		Long: `Header writes the first bytes of a zchunk file, up to the chunks, to a file: the
one that SWUpdate's delta handler wants in a bundle. With --detached the header
says itself that there is no body, as that of unzck --header does; SWUpdate takes
both.`,
		Example: `  fwpack zck header rootfs.zck -o rootfs.zck.header`,
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return errNoOutput
			}
			if _, err := deltafile.CutHeader(cmd.Context(), args[0], out, detached); err != nil {
				return err
			}
			_, err := fmt.Fprintln(s.stdout, out)
			return err
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the header to `FILE`")
	cmd.Flags().BoolVar(&detached, "detached", false, "write a detached header (.zhr)")
	return cmd
}

// errNoOutput is for commands whose result is no text.
var errNoOutput = usageError{"-o FILE is missing"}

func newZckUnpack(s surroundings) *cobra.Command {
	var out string
	var jobs int
	cmd := &cobra.Command{
		Use:   "unpack FILE -o IMAGE",
		Short: "Turn a zchunk file into the image again",
		Long: `Unpack checks every digest and writes the image. Exit status 3 says that the
file is damaged; then there is no image.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkOutput(out, jobs); err != nil {
				return err
			}
			if _, err := deltafile.Unpack(cmd.Context(), args[0], out, jobs); err != nil {
				return err
			}
			_, err := fmt.Fprintln(s.stdout, out)
			return err
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the image to `FILE`")
	addJobs(cmd, &jobs)
	return cmd
}

func addJobs(cmd *cobra.Command, jobs *int) {
	cmd.Flags().IntVarP(jobs, "jobs", "j", 0, "use so many processors; 0 means all")
}

// checkOutput refuses what every command with an output refuses.
func checkOutput(out string, jobs int) error {
	if out == "" {
		return errNoOutput
	}
	return checkJobs(jobs)
}

func checkJobs(jobs int) error {
	if jobs < 0 {
		return usageError{fmt.Sprintf("--jobs %d: 1 or more are allowed, and 0 for all processors", jobs)}
	}
	return nil
}

func newZckVerify(s surroundings) *cobra.Command {
	var header string
	var jobs int
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check every digest of a zchunk file",
		Long: `Verify checks the header and every chunk, packed and unpacked, and that the file
ends where it should. With --header it also checks that another file, such as the
one that was put into a bundle, is the header of this one. Exit status 3 says that
something is wrong.`,
		Example: `  fwpack zck verify rootfs.zck --header rootfs.zck.header`,
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkJobs(jobs); err != nil {
				return err
			}
			return runZckVerify(cmd.Context(), args[0], header, jobs, s)
		},
	}
	cmd.Flags().StringVar(&header, "header", "", "the `file` that should be its header, cut or detached")
	addJobs(cmd, &jobs)
	return cmd
}

func runZckVerify(ctx context.Context, file, header string, jobs int, s surroundings) error {
	h, err := deltafile.Verify(ctx, file, header, jobs)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.stdout, "%s: good, %s, %d bytes unpacked\n", printable(file), plural(len(h.Chunks), "chunk"), h.Size())
	return err
}
