"""What it means: regions, categories, blocks, snapshots, sources, the analyzer."""
