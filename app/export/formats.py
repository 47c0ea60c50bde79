"""Boxes as text: COCO, YOLO and our own JSON."""

from __future__ import annotations

import json

from app.export.records import BoxRecord, PictureRecord, labels, pixels
from mlx_gemma4.protocol.json_values import Json, JsonObject
from mlx_gemma4.protocol.version import VERSION

FORMAT, FORMAT_VERSION = "prism-boxes", 1


def as_coco(pictures: tuple[PictureRecord, ...]) -> str:
    """Object detection as in COCO: images, annotations and categories, all counted from 1."""
    names = labels(pictures)
    images: list[Json] = []
    annotations: list[Json] = []
    for number, picture in enumerate(pictures, 1):
        images.append({"id": number, "file_name": picture.file_name, "width": picture.width, "height": picture.height})
        for box in picture.boxes:
            x, y, width, height = pixels(box.place, picture.width, picture.height)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": names.index(box.name) + 1,
                    "bbox": [x, y, width, height],
                    "area": round(width * height, 2),
                    "segmentation": [],
                    "iscrowd": 0,
                }
            )
    categories: list[Json] = [{"id": number, "name": name, "supercategory": ""} for number, name in enumerate(names, 1)]
    info: Json = {"description": "Boxes found by Gemma 4 in Prism", "version": VERSION}
    return _json({"info": info, "licenses": [], "images": images, "annotations": annotations, "categories": categories})


def as_yolo(pictures: tuple[PictureRecord, ...]) -> dict[str, str]:
    """Files of a folder: `classes.txt`, and for each picture a line for each box: class, middle and size, 0 to 1."""
    names = labels(pictures)
    files = {"classes.txt": "".join(f"{name}\n" for name in names)}
    for picture in pictures:
        files[f"labels/{picture.name}.txt"] = "".join(_yolo_line(names.index(box.name), box) for box in picture.boxes)
    return files


def as_json(pictures: tuple[PictureRecord, ...]) -> str:
    """Everything: grid, pixels, pages and times."""
    values: list[Json] = [
        {
            "file": picture.file,
            **({} if picture.page is None else {"page": picture.page}),
            **({} if picture.seconds is None else {"seconds": round(picture.seconds, 3)}),
            **({"width": picture.width, "height": picture.height} if picture.width else {}),
            "boxes": [_box_values(box, picture) for box in picture.boxes],
        }
        for picture in pictures
    ]
    return _json({"format": FORMAT, "version": FORMAT_VERSION, "pictures": values})


def _box_values(box: BoxRecord, picture: PictureRecord) -> JsonObject:
    """`box_2d` as the model writes boxes, `pixels` as x, y, width, height."""
    values: JsonObject = {"label": box.label, "box_2d": [round(edge, 2) for edge in box.place], "colour": box.colour}
    if picture.width:
        values["pixels"] = list(pixels(box.place, picture.width, picture.height))
    return values


def _yolo_line(number: int, box: BoxRecord) -> str:
    top, left, bottom, right = (edge / 1000 for edge in box.place)
    values = ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
    return f"{number} {' '.join(f'{value:.6f}' for value in values)}\n"


def _json(values: JsonObject) -> str:
    return json.dumps(values, ensure_ascii=False, indent=1) + "\n"
