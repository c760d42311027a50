// Package predict tells what a device would do with a sw-description: which
// sections its client picks, what it does in which order, what it passes over,
// and why it refuses.
//
// Call [Predict] with a parsed description, with what is known of the archive
// around it, and with the [Device]. The [Prediction] is plain data, ready for
// JSON; [Prediction.Text] is the same for people.
//
// The client works in stages, and so does Predict:
//
//	read       keys are looked for in the groups of board and selection, lists
//	           are spliced where links lead, entries are read from the last to
//	           the first, install-if is applied
//	check      handlers, digests, the limits on the version, the hardware
//	stream     the archive is read in its order: copied to TMPDIR, or installed
//	           at once; before the first of these partitions are made
//	install    scripts before, partitions, images, files, scripts after,
//	           variables of the bootloader
//
// The first thing that goes wrong ends the prediction with a [Refusal]; what
// was done until then is in the steps. Nothing of the device itself is known
// but what [Device] says: that devices, folders and volumes exist, that scripts
// succeed, and that keys fit is taken for granted.
//
// The rules are those of SWUpdate 2022.12 as Debian 12 ships it, measured with
// that client, and what the releases until 2026.05 changed about them.
package predict

import (
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// Device is what is known of a device. The zero Device runs the newest release
// with everything compiled in, and nothing else is known of it.
type Device struct {
	Profile swupdate.Profile

	// Hardware is what the client was told with -H, or reads in
	// /etc/hwrevision; nil where it is not known. The client of a device that
	// has neither goes by the zero Hardware.
	Hardware *Hardware

	// Set and Mode are the selection of -e SET,MODE; both empty for none.
	Set, Mode string

	// Installed are the components that the device has, see ParseSWVersions.
	Installed []Component

	NoDowngrade string // version of -N: refuse what is lower; "" for no limit
	NoReinstall string // version of -R: refuse the same text; "" for no limit
	MaxVersion  string // version of --max-version: refuse what is higher; "" for no limit
}

// Hardware is a board and its revision.
type Hardware struct{ Board, Revision string }

// client is one prediction under way.
type client struct {
	doc     *swdesc.Document
	archive *swupdate.Archive
	device  Device
	release swupdate.Release
	out     Prediction

	version  string
	hardware swdesc.Value // what hardware-compatibility holds; nil where it is missing
	scripted bool         // an embedded script is loaded, which hooks may call

	partitions, images, files, scripts []*entry
	bootScripts                        []string
	variables                          map[string]bool // those of the bootloader that are set already

	index       *index          // made once all is read
	entries     int             // how many elements of lists were looked at
	deadLinks   map[int]bool    // offsets of links that were reported
	copied      map[string]bool // files in TMPDIR, those of scripts with a slash in front
	partitioned bool            // partitions are done
}

// Predict tells what device does with the description. Of archive, which is nil
// where nothing is known of it, names, sizes and digests are compared; where the
// description has been signed, so is what kind of signature there is.
//
// Predict neither changes the document nor panics, whatever it holds.
func Predict(doc *swdesc.Document, archive *swupdate.Archive, device Device) Prediction {
	c := &client{
		doc: doc, archive: archive, device: device, release: device.Profile.Release.OrNewest(),
		variables: map[string]bool{}, deadLinks: map[int]bool{}, copied: map[string]bool{},
	}
	c.out.Refusal = c.run()
	c.out.Accepted = c.out.Refusal == nil
	c.out.Version = c.version
	c.finish()
	return c.out
}

// run goes through the stages until one of them refuses.
func (c *client) run() *Refusal {
	for _, stage := range []func() *Refusal{
		c.checkSignature, c.read, c.checkHandlers, c.checkDigests, c.checkVersion, c.checkHardware, c.stream, c.install,
	} {
		if refusal := stage(); refusal != nil {
			return refusal
		}
	}
	return nil
}

// has tells whether the client is of a release or newer.
func (c *client) has(year, month int) bool {
	return !c.release.Before(swupdate.Release{Year: year, Month: month})
}

// json tells whether the description is JSON, which the client reads with code
// of its own.
func (c *client) json() bool { return c.doc.Format == swdesc.JSON }
