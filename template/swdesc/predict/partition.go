package predict

import (
	"slices"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// readPartitions reads partitions from the last to the first. At an error the
// client gives up the section, keeps what it has, and goes on with success: the
// faulty entry and all before it are lost.
func (c *client) readPartitions() *Refusal {
	v := c.find("partitions")
	if v == nil {
		return nil
	}
	elements, refusal := c.elements("partitions", v)
	if refusal != nil {
		return refusal
	}
	for i := len(elements) - 1; i >= 0; i-- {
		e, why := c.readPartition(elements[i].group)
		if why != "" {
			c.dropPartitions(elements[:i], e, why)
			break
		}
		if e != nil {
			c.partitions = append(c.partitions, e)
		}
	}
	slices.Reverse(c.partitions)
	return nil
}

// readPartition reads one partition, or tells why the client cannot.
func (c *client) readPartition(g *swdesc.Group) (e *entry, why string) {
	e, refusal := c.readEntry(swupdate.Partitions, g)
	if refusal != nil {
		return &entry{section: swupdate.Partitions, offset: g.Offset(), path: g.Path()}, refusal.Why
	}
	switch {
	case e == nil:
		return nil, ""
	case e.device == "":
		return e, "it has no device, which every partition must have"
	case e.handler == "ubipartition" && e.name == "":
		return e, "it has no name"
	}
	if e.handler == "ubipartition" && e.size == 0 {
		e.notes = append(e.notes, "its size is 0: the volume is deleted")
	}
	return e, ""
}

func (c *client) dropPartitions(before []element, faulty *entry, why string) {
	for _, b := range before {
		c.skip(&entry{section: swupdate.Partitions, offset: b.group.Offset(), path: b.group.Path()},
			"a later entry of partitions is faulty, and the client drops those before it")
	}
	c.skip(faulty, why+"; the client drops it without a refusal")
}
