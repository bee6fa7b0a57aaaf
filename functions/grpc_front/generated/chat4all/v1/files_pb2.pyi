import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FileStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FILE_STATUS_UNSPECIFIED: _ClassVar[FileStatus]
    FILE_STATUS_UPLOADING: _ClassVar[FileStatus]
    FILE_STATUS_CHECKING: _ClassVar[FileStatus]
    FILE_STATUS_READY: _ClassVar[FileStatus]
    FILE_STATUS_REJECTED: _ClassVar[FileStatus]
    FILE_STATUS_ABORTED: _ClassVar[FileStatus]
    FILE_STATUS_DELETED: _ClassVar[FileStatus]
FILE_STATUS_UNSPECIFIED: FileStatus
FILE_STATUS_UPLOADING: FileStatus
FILE_STATUS_CHECKING: FileStatus
FILE_STATUS_READY: FileStatus
FILE_STATUS_REJECTED: FileStatus
FILE_STATUS_ABORTED: FileStatus
FILE_STATUS_DELETED: FileStatus

class PartUrl(_message.Message):
    __slots__ = ("part_number", "size", "url")
    PART_NUMBER_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    part_number: int
    size: int
    url: str
    def __init__(self, part_number: _Optional[int] = ..., size: _Optional[int] = ..., url: _Optional[str] = ...) -> None: ...

class File(_message.Message):
    __slots__ = ("file_id", "status", "filename", "size", "content_type", "owner", "origin", "part_size", "part_count", "parts_present", "missing_parts", "uploaded_bytes", "percent", "checksum", "checksum_verified", "sha256", "reason", "detail", "created_at", "upload_expires_at")
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    PART_SIZE_FIELD_NUMBER: _ClassVar[int]
    PART_COUNT_FIELD_NUMBER: _ClassVar[int]
    PARTS_PRESENT_FIELD_NUMBER: _ClassVar[int]
    MISSING_PARTS_FIELD_NUMBER: _ClassVar[int]
    UPLOADED_BYTES_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_VERIFIED_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    file_id: str
    status: FileStatus
    filename: str
    size: int
    content_type: str
    owner: str
    origin: str
    part_size: int
    part_count: int
    parts_present: _containers.RepeatedScalarFieldContainer[int]
    missing_parts: _containers.RepeatedScalarFieldContainer[int]
    uploaded_bytes: int
    percent: float
    checksum: str
    checksum_verified: bool
    sha256: str
    reason: str
    detail: str
    created_at: _timestamp_pb2.Timestamp
    upload_expires_at: _timestamp_pb2.Timestamp
    def __init__(self, file_id: _Optional[str] = ..., status: _Optional[_Union[FileStatus, str]] = ..., filename: _Optional[str] = ..., size: _Optional[int] = ..., content_type: _Optional[str] = ..., owner: _Optional[str] = ..., origin: _Optional[str] = ..., part_size: _Optional[int] = ..., part_count: _Optional[int] = ..., parts_present: _Optional[_Iterable[int]] = ..., missing_parts: _Optional[_Iterable[int]] = ..., uploaded_bytes: _Optional[int] = ..., percent: _Optional[float] = ..., checksum: _Optional[str] = ..., checksum_verified: _Optional[bool] = ..., sha256: _Optional[str] = ..., reason: _Optional[str] = ..., detail: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., upload_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class FilesInitiateRequest(_message.Message):
    __slots__ = ("filename", "size", "content_type", "part_size", "sha256", "conversation_id", "user_id")
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    PART_SIZE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    filename: str
    size: int
    content_type: str
    part_size: int
    sha256: str
    conversation_id: str
    user_id: str
    def __init__(self, filename: _Optional[str] = ..., size: _Optional[int] = ..., content_type: _Optional[str] = ..., part_size: _Optional[int] = ..., sha256: _Optional[str] = ..., conversation_id: _Optional[str] = ..., user_id: _Optional[str] = ...) -> None: ...

class FilesInitiateResponse(_message.Message):
    __slots__ = ("file_id", "status", "filename", "size", "content_type", "part_size", "part_count", "upload_url", "upload_urls", "expires_at", "upload_expires_at")
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    PART_SIZE_FIELD_NUMBER: _ClassVar[int]
    PART_COUNT_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_URL_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_URLS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    file_id: str
    status: FileStatus
    filename: str
    size: int
    content_type: str
    part_size: int
    part_count: int
    upload_url: str
    upload_urls: _containers.RepeatedCompositeFieldContainer[PartUrl]
    expires_at: _timestamp_pb2.Timestamp
    upload_expires_at: _timestamp_pb2.Timestamp
    def __init__(self, file_id: _Optional[str] = ..., status: _Optional[_Union[FileStatus, str]] = ..., filename: _Optional[str] = ..., size: _Optional[int] = ..., content_type: _Optional[str] = ..., part_size: _Optional[int] = ..., part_count: _Optional[int] = ..., upload_url: _Optional[str] = ..., upload_urls: _Optional[_Iterable[_Union[PartUrl, _Mapping]]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., upload_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class FilesListPartUrlsRequest(_message.Message):
    __slots__ = ("file_id", "first", "count")
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    file_id: str
    first: int
    count: int
    def __init__(self, file_id: _Optional[str] = ..., first: _Optional[int] = ..., count: _Optional[int] = ...) -> None: ...

class FilesListPartUrlsResponse(_message.Message):
    __slots__ = ("parts", "expires_at")
    PARTS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    parts: _containers.RepeatedCompositeFieldContainer[PartUrl]
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, parts: _Optional[_Iterable[_Union[PartUrl, _Mapping]]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class FilesGetRequest(_message.Message):
    __slots__ = ("file_id",)
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    file_id: str
    def __init__(self, file_id: _Optional[str] = ...) -> None: ...

class FilesGetResponse(_message.Message):
    __slots__ = ("file",)
    FILE_FIELD_NUMBER: _ClassVar[int]
    file: File
    def __init__(self, file: _Optional[_Union[File, _Mapping]] = ...) -> None: ...

class FilesCompleteRequest(_message.Message):
    __slots__ = ("file_id", "checksum")
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    file_id: str
    checksum: str
    def __init__(self, file_id: _Optional[str] = ..., checksum: _Optional[str] = ...) -> None: ...

class FilesCompleteResponse(_message.Message):
    __slots__ = ("file",)
    FILE_FIELD_NUMBER: _ClassVar[int]
    file: File
    def __init__(self, file: _Optional[_Union[File, _Mapping]] = ...) -> None: ...

class FilesDeleteRequest(_message.Message):
    __slots__ = ("file_id",)
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    file_id: str
    def __init__(self, file_id: _Optional[str] = ...) -> None: ...

class FilesDeleteResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class FilesGetContentUrlRequest(_message.Message):
    __slots__ = ("file_id", "inline")
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    INLINE_FIELD_NUMBER: _ClassVar[int]
    file_id: str
    inline: bool
    def __init__(self, file_id: _Optional[str] = ..., inline: _Optional[bool] = ...) -> None: ...

class FilesGetContentUrlResponse(_message.Message):
    __slots__ = ("url",)
    URL_FIELD_NUMBER: _ClassVar[int]
    url: str
    def __init__(self, url: _Optional[str] = ...) -> None: ...
