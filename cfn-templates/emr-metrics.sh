#!/usr/bin/env bash
# EMR bootstrap action that sets up the CloudWatch agent on a node. Once a minute, the agent scrapes Flink's Prometheus endpoints on this node and
# writes the values to a log group in the embedded metric format, from which CloudWatch creates metrics in the namespace TaxiStream.
# Usage: emr-metrics.sh STACK LOG_GROUP
# EMR terminates a cluster whose bootstrap action fails. A cluster without metrics is better than none, so on an error this script only logs the line.
set -Eeuo pipefail
trap 'echo "emr-metrics.sh: line $LINENO failed; this node does not send Flink metrics to CloudWatch" >&2; exit 0' ERR

stack=$1
log_group=$2
# port range of the reporter in Flink's configuration: one port for each job manager and task manager on the node
ports=$(seq --format 'localhost:%g' --separator ', ' 9249 9258)
job='flink_jobmanager_job_(numRestarts|numberOfCompletedCheckpoints|numberOfFailedCheckpoints|lastCheckpointDuration|lastCheckpointSize)'
operator='flink_taskmanager_job_task_operator_(currentOutputWatermark|trips|tripsLate|recordsMalformed|documentsStored|documentsDead)'
shard='flink_taskmanager_job_task_operator_kinesis_shardId_millisBehindLatest'
agent=/opt/aws/amazon-cloudwatch-agent

sudo dnf install -y -q amazon-cloudwatch-agent

sudo tee "$agent/etc/prometheus.yaml" >/dev/null <<END
global:
  scrape_interval: 1m
  scrape_timeout: 10s
scrape_configs:
  - job_name: flink
    static_configs:
      - targets: [$ports]
        labels: {Stack: "$stack"}
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: "$job|$operator|$shard"
        action: keep
END

sudo tee "$agent/etc/flink.json" >/dev/null <<END
{
  "logs": {
    "metrics_collected": {
      "prometheus": {
        "log_group_name": "$log_group",
        "prometheus_config_path": "$agent/etc/prometheus.yaml",
        "emf_processor": {
          "metric_namespace": "TaxiStream",
          "metric_declaration": [
            {"source_labels": ["job"], "label_matcher": "^flink$", "dimensions": [["Stack"]], "metric_selectors": ["^$job$", "^$operator$"]},
            {"source_labels": ["job"], "label_matcher": "^flink$", "dimensions": [["Stack", "shardId"]], "metric_selectors": ["^$shard$"]}
          ]
        }
      }
    }
  }
}
END

sudo "$agent/bin/amazon-cloudwatch-agent-ctl" -a fetch-config -m ec2 -s -c "file:$agent/etc/flink.json"
