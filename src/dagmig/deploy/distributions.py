"""The distribution that installs a module: mostly of the same name, else in the table.

The names are those of https://pypi.org; ``top_level.txt`` of each says what it installs.
"""

from __future__ import annotations

import re
from collections.abc import Collection

NAMES = {
    "attr": "attrs",
    "Crypto": "pycryptodome",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "airbyte_api": "airbyte-api",
    "azure.identity": "azure-identity",
    "azure.keyvault.secrets": "azure-keyvault-secrets",
    "azure.storage.blob": "azure-storage-blob",
    "azure.storage.filedatalake": "azure-storage-file-datalake",
    "bs4": "beautifulsoup4",
    "confluent_kafka": "confluent-kafka",
    "cv2": "opencv-python-headless",
    "databricks.sdk": "databricks-sdk",
    "databricks.sql": "databricks-sql-connector",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "elasticsearch_dsl": "elasticsearch-dsl",
    "facebook_business": "facebook-business",
    "fitz": "pymupdf",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.pubsub": "google-cloud-pubsub",
    "google.cloud.pubsub_v1": "google-cloud-pubsub",
    "google.cloud.secretmanager": "google-cloud-secret-manager",
    "google.cloud.storage": "google-cloud-storage",
    "google.oauth2": "google-auth",
    "googleapiclient": "google-api-python-client",
    "gspread_dataframe": "gspread-dataframe",
    "great_expectations": "great-expectations",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "kafka": "kafka-python",
    "kubernetes": "kubernetes",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "mysql.connector": "mysql-connector-python",
    "oracledb": "oracledb",
    "osgeo": "gdal",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "pymysql": "pymysql",
    "pythonjsonlogger": "python-json-logger",
    "serial": "pyserial",
    "simple_salesforce": "simple-salesforce",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slack_sdk": "slack-sdk",
    "slugify": "python-slugify",
    "snowflake.connector": "snowflake-connector-python",
    "snowflake.snowpark": "snowflake-snowpark-python",
    "snowflake.sqlalchemy": "snowflake-sqlalchemy",
    "telegram": "python-telegram-bot",
    "win32com": "pywin32",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
SHARED = frozenset({"azure", "databricks", "google", "mysql", "snowflake"})
"""Packages of which many distributions have a part: alone they name none."""


DEEP_PROVIDERS = frozenset({"apache", "atlassian", "cncf", "common", "dbt", "microsoft"})
"""Provider packages one level down, as ``airflow.providers.cncf.kubernetes``."""


def normalized(name: str) -> str:
    """As PEP 503 compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distribution(module: str, known: Collection[str] = ()) -> str | None:
    """The distribution of a module, by its normalized name; None where there is no telling.

    ``known`` are those that the project names, which decide between several.
    """
    parts = module.split(".")
    dotted = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    found = next((normalized(name) for name in dotted if normalized(name) in known), None)
    if found is not None and parts[0] != "airflow":
        return found
    if parts[:2] == ["airflow", "providers"] and len(parts) > 2:
        return "-".join(["apache-airflow-providers", *parts[2 : 4 if parts[2] in DEEP_PROVIDERS else 3]])
    if parts[0] == "airflow":
        return "apache-airflow"
    listed = next((NAMES[name] for name in dotted if name in NAMES), None)
    if listed is not None:
        bare = listed.removesuffix("-binary").removesuffix("-headless")
        return next((name for name in (listed, bare, f"{bare}-binary") if name in known), listed)
    return None if parts[0] in SHARED else normalized(parts[0])
