using System.Text.Json;

namespace Automation.LocalCloud.Common;

/// <summary>
/// The values of an event by path: <c>{"a":{"b":[1,{"c":2}]}}</c> has <c>a.b = 1</c> and <c>a.b.c = 2</c>. A name with dots is also a path, so
/// <c>{"a.b":1}</c> is the same event as <c>{"a":{"b":1}}</c>.
/// </summary>
internal sealed class EventFields
{
    private readonly Dictionary<string, List<Field>> _fields = new(StringComparer.Ordinal);
    private int _arrays;

    public EventFields(JsonElement json) => Add("", json, Place.Anywhere);

    public IReadOnlyList<Field> At(string path) => _fields.TryGetValue(path, out var fields) ? fields : [];

    private void Add(string path, JsonElement value, Place place)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    Add(path.Length == 0 ? member.Name : $"{path}.{member.Name}", member.Value, place);
                }

                break;
            case JsonValueKind.Array:
                var array = ++_arrays;
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    Add(path, item, item.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? place.In(array, index++) : place);
                }

                break;
            default:
                if (!_fields.TryGetValue(path, out var fields))
                {
                    _fields[path] = fields = [];
                }

                fields.Add(new Field(value, place));
                break;
        }
    }

    /// <param name="Place">The array elements that contain it.</param>
    internal sealed record Field(JsonElement Value, Place Place);

    /// <summary>Identifies an object in each array, because values in two objects of one array do not match together.</summary>
    internal sealed class Place
    {
        private readonly Place? _outer;
        private readonly int _array;
        private readonly int _index;

        private Place(Place? outer, int array, int index)
        {
            _outer = outer;
            _array = array;
            _index = index;
        }

        public static Place Anywhere { get; } = new(null, 0, 0);

        public Place In(int array, int index) => new(this, array, index);

        public bool IsConsistentWith(Place other)
        {
            for (var place = this; place._outer is not null; place = place._outer)
            {
                for (var against = other; against._outer is not null; against = against._outer)
                {
                    if (place._array == against._array && place._index != against._index)
                    {
                        return false;
                    }
                }
            }

            return true;
        }
    }
}
