package expr

import (
	"fmt"
	"slices"
	"strings"

	"belfry/exporter/catalog"
)

// Labels that Prometheus or PromQL adds to a family's own.
var (
	// Job names the scrape job.
	Job = &catalog.Label{Name: "job", Limit: 10, Doc: "scrape job"}
	// Instance names the scraped address. The shipped scrape configuration drops it
	// from series with the label partition.
	Instance = &catalog.Label{Name: "instance", Limit: 100, Doc: "scraped address"}
	// pod names the scraped Kubernetes pod, if there is one. It has a container and
	// runs on a node.
	pod          = &catalog.Label{Name: "pod", Limit: 100, Doc: "scraped Kubernetes pod"}
	podContainer = &catalog.Label{Name: "container", Limit: 100, Doc: "container of a scraped Kubernetes pod"}
	podNode      = &catalog.Label{Name: "node", Limit: 100, Doc: "node of a scraped Kubernetes pod"}
	// Le holds the upper bound of a classic histogram bucket.
	Le = &catalog.Label{Name: "le", Limit: 100, Doc: "upper bound of a classic histogram bucket"}
)

// labelSet holds what is known about the labels of a vector's elements.
type labelSet struct {
	// known labels are on every element.
	known []*catalog.Label
	// open means that there may be target labels as well: job, and those that the
	// user's scrape configuration adds.
	open bool
	// placed means that instance, pod, container and node may be among them.
	placed bool
}

func (s labelSet) has(l *catalog.Label) bool {
	return slices.Contains(s.known, l) || s.open && l == Job || s.placed && slices.Contains(places, l)
}

func (s labelSet) without(gone []*catalog.Label) labelSet {
	var kept []*catalog.Label
	for _, l := range s.known {
		if !slices.Contains(gone, l) {
			kept = append(kept, l)
		}
	}
	placed := s.placed && !(slices.Contains(gone, Instance) && slices.Contains(gone, pod))
	return labelSet{kept, s.open, placed}
}

// and returns what holds for elements of either set.
func (s labelSet) and(other labelSet) labelSet {
	var both []*catalog.Label
	for _, l := range s.known {
		if slices.Contains(other.known, l) {
			both = append(both, l)
		}
	}
	return labelSet{both, s.open && other.open, s.placed && other.placed}
}

func (s labelSet) equal(other labelSet) bool {
	return s.open == other.open && s.placed == other.placed &&
		len(s.known) == len(other.known) && len(s.and(other).known) == len(s.known)
}

// missing returns an error if the set lacks one of the labels.
func (s labelSet) missing(wanted []*catalog.Label) error {
	for _, l := range wanted {
		if !s.has(l) {
			return fmt.Errorf("no label %q in %s", l.Name, s)
		}
	}
	return nil
}

// String lists the set for an error message; … stands for the user's own labels.
func (s labelSet) String() string {
	list := names(s.known)
	if s.open {
		list = append(list, "…")
	}
	return "{" + strings.Join(list, ", ") + "}"
}

func names(labels []*catalog.Label) []string {
	list := make([]string, len(labels))
	for i, l := range labels {
		list[i] = l.Name
	}
	return list
}
