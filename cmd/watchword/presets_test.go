package main

import (
	"slices"
	"testing"

	"watchword/internal/config"
	"watchword/internal/upstream"
)

func TestEveryPresetOfTheSettingsIsBuiltIn(t *testing.T) {
	t.Parallel()
	var settings []string
	for _, preset := range config.Presets() {
		settings = append(settings, string(preset))
	}
	slices.Sort(settings)
	if built := upstream.Presets(); !slices.Equal(settings, built) {
		t.Errorf("the settings know the presets %v; built in are %v", settings, built)
	}
}
