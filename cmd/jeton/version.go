package main

import "runtime/debug"

// release is set by the linker for a released binary.
var release string //nolint:gochecknoglobals // set by the linker

// version is that of the release, or of the module that was built.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development version"
}
