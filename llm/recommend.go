package llm

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"

	"lumi/llm/sample"
)

// recommendation is what a model's makers recommend: numbers by the names of
// [Params], and an order of stages.
type recommendation struct {
	values   map[string]float64
	samplers string
}

// Recommend sets what the model's makers recommend and returns the names of
// the settings that it set; none when the model says nothing. Recommendations
// come from the file's keys general.sampling.…, or if it has none, from the
// generation_config.json in the model's folder.
func (m *Model) Recommend(s *Settings) (names []string) {
	for _, p := range Params {
		if v, ok := m.recommended.values[p.Name]; ok {
			p.Set(s, p.Typed(v))
			names = append(names, p.Name)
		}
	}
	if m.recommended.samplers != "" {
		s.Samplers = m.recommended.samplers
		names = append(names, "samplers")
	}
	return names
}

// numbers is where a model file's keys are looked up, see gguf.Meta.
type numbers interface {
	Int(key string) (int64, bool, error)
	Float(key string) (float64, bool, error)
	String(key string) (string, bool, error)
}

// readRecommendation reads the recommendation of the model at path. What
// cannot be read recommends nothing: an answer does not depend on it.
func readRecommendation(meta numbers, path string) recommendation {
	r := recommendation{values: map[string]float64{}}
	for _, p := range Params {
		if p.GGUF == "" {
			continue
		}
		key := "general.sampling." + p.GGUF
		if v, ok, err := meta.Float(key); ok && err == nil {
			r.set(p, v)
		} else if v, ok, err := meta.Int(key); ok && err == nil {
			r.set(p, float64(v))
		}
	}
	if text, ok, err := meta.String("general.sampling.sequence"); ok && err == nil {
		if names, err := sample.ParseOrder(text); err == nil {
			r.samplers = strings.Join(names, ";")
		}
	}
	if len(r.values) == 0 && r.samplers == "" {
		r.readConfig(path)
	}
	return r
}

func (r *recommendation) set(p Param, v float64) {
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		r.values[p.Name] = v
	}
}

// maxGenerationConfig bounds the file in bytes; real ones have some hundred.
const maxGenerationConfig = 1 << 20

// readConfig reads the generation_config.json in the model's folder, unless
// other models lie there, of which it might be as well.
func (r *recommendation) readConfig(path string) {
	dir := path
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		dir = filepath.Dir(path)
		entries, err := os.ReadDir(dir)
		if err != nil {
			return
		}
		for _, e := range entries {
			if name := e.Name(); strings.EqualFold(filepath.Ext(name), ".gguf") && name != filepath.Base(path) {
				return
			}
		}
	}
	file := filepath.Join(dir, "generation_config.json")
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() || info.Size() > maxGenerationConfig {
		return
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return
	}
	var config map[string]any
	if json.Unmarshal(data, &config) != nil || config["do_sample"] == false {
		return // without sampling the numbers stand for nothing
	}
	for _, p := range Params {
		if v, ok := config[p.HF].(float64); ok && p.HF != "" {
			r.set(p, v)
		}
	}
}
