package daemon

import (
	"runtime/debug"

	"belfry/exporter/catalog"
)

// Version returns the program's version, commit and Go release as recorded by the
// Go linker, in the order of the labels of catalog.BuildInfo.
func Version() (version, revision, goVersion string) {
	version, revision, goVersion = catalog.Unknown, catalog.Unknown, catalog.Unknown
	if info, ok := debug.ReadBuildInfo(); ok {
		version, goVersion = info.Main.Version, info.GoVersion
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	return version, revision, goVersion
}
