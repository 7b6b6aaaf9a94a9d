using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Serverless.Cli.Adoption;

/// <summary>A config.yml of distribution. Names in it are joined by dots; what nobody has asked for is known in the end.</summary>
internal sealed class DistributionConfig
{
    private readonly YamlMappingNode _root;
    private readonly HashSet<YamlNode> _read = new(ReferenceEqualityComparer.Instance);

    private DistributionConfig(YamlMappingNode root) => _root = root;

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It is no YAML, or no map.</exception>
    public static DistributionConfig Parse(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents is [{ RootNode: YamlMappingNode root }, ..] ? new DistributionConfig(root) : throw new FormatException("it holds no settings");
        }
        catch (YamlException e)
        {
            throw new FormatException($"line {e.Start.Line}: {e.Message}", e);
        }
    }

    /// <summary>Whether there is anything of that name.</summary>
    public bool Contains(string path) => Find(path) is not null;

    /// <summary>A single value; null when it is not there, or empty.</summary>
    public string? Text(string path) => Text(Find(path));

    /// <summary>Whether a value is true.</summary>
    public bool Flag(string path) => Text(path) == "true";

    /// <summary>The values of a list; a single value is a list of one.</summary>
    public IReadOnlyList<string> List(string path) => List(Find(path));

    /// <summary>The names in a map, with the values of each.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Map(string path) =>
        Find(path) is YamlMappingNode map ? [.. map.Children.Select(c => (((YamlScalarNode)c.Key).Value ?? "", List(c.Value)))] : [];

    /// <summary>The names below a name.</summary>
    public IReadOnlyList<string> Names(string path) => Find(path) is YamlMappingNode map ? [.. map.Children.Keys.Select(k => ((YamlScalarNode)k).Value ?? "")] : [];

    /// <summary>The entries of a list of maps, each to be asked by itself.</summary>
    public IReadOnlyList<string> Entries(string path) => Find(path) is YamlSequenceNode list ? [.. list.Children.Select((_, i) => FormattableString.Invariant($"{path}.{i}"))] : [];

    /// <summary>The paths of what nobody has asked for.</summary>
    public IEnumerable<string> Unread() => Unread("", _root);

    private IEnumerable<string> Unread(string path, YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.SelectMany(c => Unread(path.Length == 0 ? c.Key.ToString() : $"{path}.{c.Key}", c.Value)),
        YamlSequenceNode list => list.Children.SelectMany((c, i) => Unread(FormattableString.Invariant($"{path}.{i}"), c)),
        YamlScalarNode { Value: not null and not "" } when !_read.Contains(node) => [path],
        _ => [],
    };

    // Names of storage drivers and of sections are what they are; of endpoints there is a list.
    private YamlNode? Find(string path)
    {
        YamlNode? node = _root;
        foreach (var part in path.Split('.'))
        {
            node = node switch
            {
                YamlMappingNode map => map.Children.FirstOrDefault(c => c.Key is YamlScalarNode key && string.Equals(key.Value, part, StringComparison.OrdinalIgnoreCase)).Value,
                YamlSequenceNode list when int.TryParse(part, out var index) && index < list.Children.Count => list.Children[index],
                _ => null,
            };
        }

        return node;
    }

    private string? Text(YamlNode? node)
    {
        if (node is not YamlScalarNode { Value: { Length: > 0 } value }) return null;
        _read.Add(node);
        return value;
    }

    private List<string> List(YamlNode? node) => node switch
    {
        YamlSequenceNode list => [.. list.Children.Select(Text).OfType<string>()],
        YamlScalarNode => Text(node) is { } one ? [one] : [],
        _ => [],
    };
}
