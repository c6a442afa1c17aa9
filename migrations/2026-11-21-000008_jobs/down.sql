DROP TABLE queue_control;
DROP TABLE workers;
DROP TABLE job_dead;
DROP TABLE job_history;
DROP TABLE jobs;
