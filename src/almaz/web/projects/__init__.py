"""The programme of the cluster: projects, milestones, budget, risks, stage gates, indicators, the quarterly report."""
