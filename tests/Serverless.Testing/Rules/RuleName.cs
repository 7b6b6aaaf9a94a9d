using Xunit.Abstractions;

namespace Serverless.Testing.Rules;

/// <summary>A rule's sentence, which test runners show in full; of a text they would show the first fifty letters.</summary>
public sealed class RuleName(string sentence) : IXunitSerializable
{
    /// <summary>For the test runner.</summary>
    public RuleName()
        : this("")
    {
    }

    public string Sentence { get; private set; } = sentence;

    public void Deserialize(IXunitSerializationInfo info) => Sentence = info.GetValue<string>(nameof(Sentence));

    public void Serialize(IXunitSerializationInfo info) => info.AddValue(nameof(Sentence), Sentence);

    public override string ToString() => Sentence;
}
