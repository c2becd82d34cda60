"""One line of a document's table, and how a distance is written. Home of the bug `miles_preference`."""

from dataclasses import dataclass

MILES_PER_KM = 0.621371
COLUMNS = ("Date", "Place", "Species", "Count", "Remark")


@dataclass(slots=True)
class Entry:
    """Everything as the person typed it; `distance_km` is empty where nobody measured."""

    date: str
    place: str
    species: str
    count: str
    distance_km: str = ""
    remark: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return the texts of the table's columns."""
        return (self.date, self.place, self.species, self.count, self.remark)


def format_distance(distance_km: str, unit: str) -> str:
    """Return the distance from the start in the unit of the preferences."""
    if unit == "miles":
        return f"{float(distance_km) * MILES_PER_KM:.1f} miles"
    return f"{distance_km} km" if distance_km else "not measured"
