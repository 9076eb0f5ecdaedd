"""Amazon S3 Vectors: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_S3_Vectors.html."""

from __future__ import annotations

from dagmig.graph.values import Value
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.existing import DROPPED, made_or_found
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL, Codec, items, mapping, members, sequence
from dagmig.integrations.status import Status
from dagmig.integrations.table import table

OPERATORS, SDK = AMAZON + "s3_vectors.", "aws-sdk:s3vectors:"
BUCKET, INDEX = Field("vector_bucket_name", "VectorBucketName"), Field("index_name", "IndexName")
IS_THERE = "S3Vectors.ConflictException"
OF_INDEX = {"vector_bucket_name": None, "index_name": None}


def _recased(value: Value, codec: Codec, *, is_back: bool) -> Value:
    """A vector's own names change, those in its metadata are the user's."""
    respell = codec.to_airflow if is_back else codec.to_asl
    metadata = "Metadata" if is_back else "metadata"

    def one(vector: Value) -> Value:
        known = members(vector)
        others = members(respell(mapping(pair for pair in known if pair[0] != metadata)))
        name = "metadata" if is_back else "Metadata"
        return mapping([*others, *((name, item) for key, item in known if key == metadata)])

    return sequence(one(vector) for vector in items(value))


VECTORS = Codec(
    lambda value: _recased(value, PASCAL, is_back=False), lambda value: _recased(value, PASCAL, is_back=True)
)

create_bucket = made_or_found(
    table(
        OPERATORS + "S3VectorsCreateVectorBucketOperator",
        SDK + "createVectorBucket",
        BUCKET,
        Field("encryption_configuration", "EncryptionConfiguration", PASCAL),
        Field("tags", "Tags"),
        result="$states.result.VectorBucketArn",
        dropped=DROPPED,
        required={"vector_bucket_name": None},
    ),
    IS_THERE,
    Status(
        SDK + "getVectorBucket",
        {"VectorBucketName": "vector_bucket_name"},
        "VectorBucket.VectorBucketArn",
        (),
    ),
)
delete_bucket = table(
    OPERATORS + "S3VectorsDeleteVectorBucketOperator",
    SDK + "deleteVectorBucket",
    BUCKET,
    required={"vector_bucket_name": None},
)
create_index = made_or_found(
    table(
        OPERATORS + "S3VectorsCreateIndexOperator",
        SDK + "createIndex",
        BUCKET,
        INDEX,
        Field("data_type", "DataType"),
        Field("dimension", "Dimension"),
        Field("distance_metric", "DistanceMetric", default="cosine"),
        Field("metadata_configuration", "MetadataConfiguration", PASCAL),
        result="$states.result.IndexArn",
        dropped=DROPPED,
        required={**OF_INDEX, "data_type": None, "dimension": None},
    ),
    IS_THERE,
    Status(
        SDK + "getIndex",
        {"VectorBucketName": "vector_bucket_name", "IndexName": "index_name"},
        "Index.IndexArn",
        (),
    ),
)
delete_index = table(
    OPERATORS + "S3VectorsDeleteIndexOperator", SDK + "deleteIndex", BUCKET, INDEX, required=OF_INDEX
)
put_vectors = table(
    OPERATORS + "S3VectorsPutVectorsOperator",
    SDK + "putVectors",
    BUCKET,
    INDEX,
    Field("vectors", "Vectors", VECTORS),
    required={**OF_INDEX, "vectors": None},
)
query_vectors = table(
    OPERATORS + "S3VectorsQueryVectorsOperator",
    SDK + "queryVectors",
    BUCKET,
    INDEX,
    Field("top_k", "TopK"),
    Field("query_vector", "QueryVector", PASCAL),
    Field("filter", "Filter"),
    Field("return_metadata", "ReturnMetadata", default=True),
    Field("return_distance", "ReturnDistance", default=True),
    result="[$states.result.Vectors]",
    returns="the names in the list are those of the state's answer (`Key` for `key`)",
    required={**OF_INDEX, "top_k": None, "query_vector": None},
)
