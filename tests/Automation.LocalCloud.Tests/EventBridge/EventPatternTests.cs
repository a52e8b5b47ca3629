using System.Text.Json;
using Automation.LocalCloud.Common;
using Xunit;

namespace Automation.LocalCloud.Tests.EventBridge;

public sealed class EventPatternTests
{
    private const string Push = """
        {"version":"0","id":"13cde686-328b-6117-af20-0e5566167482","detail-type":"ECR Image Action","source":"aws.ecr",
         "account":"123456789012","time":"2019-11-16T01:54:34Z","region":"us-west-2","resources":[],
         "detail":{"result":"SUCCESS","repository-name":"my-repository-name",
          "image-digest":"sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd1234","action-type":"PUSH","image-tag":"latest"}}
        """;

    private const string PushByDigest = """
        {"source":"aws.ecr","detail-type":"ECR Image Action","detail":{"result":"SUCCESS","repository-name":"base",
         "action-type":"PUSH","artifact-media-type":"application/vnd.oci.image.config.v1+json","image-tag":"",
         "manifest-media-type":"application/vnd.oci.image.manifest.v1+json"}}
        """;

    private const string Built = """
        {"source":"aws.imagebuilder","detail-type":"EC2 Image Builder Image State Change",
         "resources":["arn:aws:imagebuilder:us-west-2:111122223333:image/runtime/1.0.0/1"],
         "detail":{"previous-state":{"status":"TESTING"},"state":{"status":"AVAILABLE"}}}
        """;

    /// <summary>Only the second instance has the name.</summary>
    private const string Instances = """
        {"t":[{"s":"ACTIVE","p":{"id":"x"},"r":[{"e":{"n":"1"}}]},{"s":"OFF","p":{"id":"y"},"r":[{"c":{"i":[{"n":"2"}]}}]}]}
        """;

    private const string Songs = """
        {"year":1966,"genres":[{"pop":true},{"classical":false}],"songs":[
         {"name":"Writer","by":[{"first":"John","last":"Lennon"},{"first":"Paul","last":"McCartney"}]},
         {"name":"Black","by":[{"first":"Mick","last":"Jagger"},{"first":"Keith","last":"Richards"}]}]}
        """;

    [Theory]
    [InlineData(Push, """{"source":["aws.ecr"],"detail":{"action-type":["PUSH"],"result":["SUCCESS"]}}""")]
    [InlineData(Push, """{"source":["aws.s3","aws.ecr"]}""")]
    [InlineData(Push, """{"detail":{"repository-name":[{"prefix":"my-"}]}}""")]
    [InlineData(Push, """{"detail":{"repository-name":[{"prefix":{"equals-ignore-case":"MY-"}}]}}""")]
    [InlineData(Push, """{"detail":{"repository-name":[{"suffix":"-name"}]}}""")]
    [InlineData(Push, """{"detail":{"image-tag":[{"equals-ignore-case":"LATEST"}]}}""")]
    [InlineData(Push, """{"detail":{"image-digest":[{"wildcard":"sha256:7f*1234"}]}}""")]
    [InlineData(Push, """{"detail":{"image-tag":[{"anything-but":["","stable"]}]}}""")]
    [InlineData(Push, """{"detail":{"image-tag":[{"anything-but":{"prefix":"dev-"}}]}}""")]
    [InlineData(Push, """{"detail":{"image-tag":[{"anything-but":{"suffix":["-a","-b"]}}]}}""")]
    [InlineData(Push, """{"detail":{"image-tag":[{"anything-but":{"wildcard":"*-rc*"}}]}}""")]
    [InlineData(Push, """{"detail":{"image-tag":[{"exists":true}],"manifest-media-type":[{"exists":false}]}}""")]
    [InlineData(Push, """{"$or":[{"source":["aws.s3"]},{"region":["us-west-2"]}]}""")]
    [InlineData(Push, """{"source":["aws.ecr"],"detail":{"$or":[{"image-tag":["x"]},{"action-type":["PUSH"]}]}}""")]
    [InlineData(Push, """{"detail":{"nothing":{"at-all":[{"exists":false}]}}}""")]
    [InlineData(PushByDigest, """{"detail":{"image-tag":[""]}}""")]
    [InlineData(Built, """{"detail":{"state":{"status":["AVAILABLE"]}}}""")]
    [InlineData(Built, """{"resources":[{"wildcard":"arn:aws:imagebuilder:*:image/runtime/*"}]}""")]
    [InlineData("""{"a":null}""", """{"a":[null]}""")]
    [InlineData("""{"a":[1,2,3]}""", """{"a":[3,4]}""")]
    [InlineData("""{"a":[[1],[2]]}""", """{"a":[2]}""")]
    [InlineData("""{"a":5}""", """{"a":[{"numeric":[">",0,"<=",5]}]}""")]
    [InlineData("""{"a":1237940039285380274899124231}""", """{"a":[{"anything-but":[1]}]}""")]
    [InlineData("""{"a":0.1234567}""", """{"a":[0.1234567]}""")]
    [InlineData("""{"a":0.1234560}""", """{"a":[0.123456]}""")]
    [InlineData("""{"a":"10.0.0.010"}""", """{"a":["10.0.0.10"]}""")]
    [InlineData("""{"a":"::ffff:a00:1"}""", """{"a":[{"cidr":"10.0.0.0/8"}]}""")]
    [InlineData("""{"a":"2001:DB8::1"}""", """{"a":[{"anything-but":"2001:db8::1"}]}""")]
    [InlineData("""{"a":3.0e2}""", """{"a":[{"numeric":["=",300]}]}""")]
    [InlineData("""{"a":true}""", """{"a":[true]}""")]
    [InlineData("""{"a":"10.0.3.7"}""", """{"a":[{"cidr":"10.0.0.0/16"}]}""")]
    [InlineData("""{"a":"2001:db8::1"}""", """{"a":[{"cidr":"2001:db8::/32"}]}""")]
    [InlineData("""{"a":7}""", """{"a":[{"anything-but":[1,2]}]}""")]
    [InlineData("""{"a":[{"x":1,"y":1},{"x":2,"y":2}]}""", """{"a":{"x":[2],"y":[2]}}""")]
    [InlineData("""{"a":"a*b"}""", """{"a":[{"wildcard":"a\\*b"}]}""")]
    [InlineData("""{"a":[]}""", """{"a":[{"exists":false}]}""")]
    [InlineData("""{"a":300.0}""", """{"a":[300]}""")]
    [InlineData("""{"a":300}""", """{"a":[3.0e2]}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a.b":[1]}""")]
    [InlineData("""{"a.b":1}""", """{"a":{"b":[1]}}""")]
    [InlineData("""{"a":{"b.c":1}}""", """{"a.b":{"c":[1]}}""")]
    [InlineData("""{"a":[{"x":1,"y":9},{"x":9,"y":2}]}""", """{"a.x":[9],"a.y":[2]}""")]
    [InlineData("""{"a":[{"x":1},{"x":2}],"b":[{"x":1},{"x":2}]}""", """{"a":{"x":[1]},"b":{"x":[2]}}""")]
    [InlineData("""{"a":"x"}""", """{"a":[{"exactly":"x"}]}""")]
    [InlineData("""{"a":""}""", """{"a":[{"equals-ignore-case":""}]}""")]
    [InlineData("""{"a":"x"}""", """{"a":[{"anything-but":{"wildcard":""}}]}""")]
    [InlineData("""{"a":null}""", """{"a":[{"anything-but":"x"}]}""")]
    [InlineData("""{"a":"/Users/u/dir/dir/dir/dir/dir/doc.txt"}""", """{"a":[{"wildcard":"/Users/*/dir/dir/dir/dir/dir/doc.txt"}]}""")]
    [InlineData("""{"a":"10.0.0.40"}""", """{"a":[{"cidr":"10.0.0.33/24"}]}""")]
    [InlineData("""{"a":"2001:DB8:0::1"}""", """{"a":["2001:db8::1"]}""")]
    [InlineData("""{"a":"444"}""", """{"a":[{"anything-but":[111,222]}]}""")]
    [InlineData("""{"a":[[{"x":"u","y":[1,2]},{"x":"v"}],[{"x":"w","y":[]}]]}""", """{"a":{"x":["w"],"y":[{"exists":false}]}}""")]
    [InlineData("""{"a":[{"x":1},{"y":2},{"x":3,"y":4}]}""", """{"a":{"x":[{"exists":true}],"y":[{"exists":true}]}}""")]
    [InlineData("""{"a":[[{"x":"u"},1],[{"x":"v"},2]]}""", """{"a":[1],"a.x":["u"]}""")]
    [InlineData("""{"a":{"wildcard":1}}""", """{"a":{"wildcard":[1]}}""")]
    [InlineData("""{"l":[{"p":[[[{"q":"i"},483.3,287.48116291799363],[{"q":"j"},489.9]]]}]}""", """{"l":{"p":[287.48116291799363],"p":{"q":["i"]}}}""")]
    [InlineData("""{"x":"z"}""", """{"x":["y"],"x":["z"]}""")]
    [InlineData("""{"a":"c"}""", """{"a":["a","b"],"$or":[{"a":[{"anything-but":"a"}]},{"b":["x"]}]}""")]
    [InlineData("""{"a":"a","b":"x"}""", """{"a":["a","b"],"$or":[{"a":[{"anything-but":"a"}]},{"b":["x"]}]}""")]
    [InlineData("""{"a":"2","b":"x"}""", """{"$or":[{"a":["1"]},{"a":["2"]}],"b":["x"]}""")]
    [InlineData("""{"a":"b"}""", """{"a":[{"anything-but":"a"},{"anything-but":"b"}]}""")]
    [InlineData("""{"a":"$x"}""", """{"a":[{"anything-but":{"suffix":"$"}}]}""")]
    [InlineData("""{"a":"事件统治者"}""", """{"a":[{"suffix":"统治者"}]}""")]
    [InlineData("""{"a":110}""", """{"a":[{"numeric":[">",0,"<",30]},{"numeric":[">",100,"<",120]}]}""")]
    [InlineData("""{"a":[-0.1],"b":[0]}""", """{"a":[{"numeric":["<",0]}],"b":[{"numeric":["=",0]}]}""")]
    [InlineData("""{"a":3.0e-6}""", """{"a":[{"numeric":[">",2.0e-6,"<",4.0e-6]}]}""")]
    [InlineData("""{"a":123456789012}""", """{"a":[123456789012]}""")]
    [InlineData("""{"a":"42"}""", """{"a":[{"numeric":[">",100]},{"anything-but":"101"}]}""")]
    [InlineData("""{"a":12}""", """{"a":[{"anything-but":{"prefix":["init","test"]}}]}""")]
    [InlineData("""{"a":123}""", """{"a":[{"anything-but":{"wildcard":"*/dir/*"}}]}""")]
    [InlineData("""{"a":null}""", """{"a":[{"anything-but":{"equals-ignore-case":"x"}}]}""")]
    [InlineData("""{"a":null}""", """{"a":[{"anything-but":{"suffix":[".txt",".jpg"]}}]}""")]
    [InlineData("""{"a":null}""", """{"a":[{"anything-but":{"wildcard":"*/dir/*"}}]}""")]
    [InlineData("""{"a":789}""", """{"a":[{"anything-but":0}]}""")]
    [InlineData("""{"a":"x"}""", """{"a":[{"exists":true},{"prefix":"p"},{"suffix":"s"}]}""")]
    [InlineData("""{"a":{"c":{"N":"7"}}}""", """{"a":{"b":{"S":[{"anything-but":["x"]},{"exists":false}]}}}""")]
    [InlineData("""{"a":"13.33.255.255"}""", """{"a":[{"cidr":"13.32.0.0/15"}]}""")]
    [InlineData("""{"a":"2600:1F14:1FFF::1"}""", """{"a":[{"cidr":"2600:1F14::/35"}]}""")]
    [InlineData(Instances, """{"t":{"s":["ACTIVE"],"p":{"id":["x"]},"r":{"c":{"i":{"n":[{"exists":false}]}}}}}""")]
    [InlineData(Songs, """{"year":[1966],"songs":{"name":["Writer"],"by":{"first":["Paul"],"last":["McCartney"]}}}""")]
    [InlineData("""{"d":[{"a":"1"},{"b":"2"},{"a":"3","b":"4"}]}""", """{"d":{"a":[{"exists":true}],"b":[{"exists":true}]}}""")]
    [InlineData("""{"d":[{"n":"w","p":50},{"n":"g","p":200}]}""", """{"d":{"p":[{"numeric":[">",0,"<",100]}],"n":[{"exists":true}]}}""")]
    [InlineData("""{"d":{"a":["banned","ok"],"t":"x"}}""", """{"d":{"a":[{"anything-but":"banned"}],"t":[{"exists":true}]}}""")]
    public void Matches_EventFitsThePattern_IsTrue(string json, string pattern) => Assert.True(Matches(pattern, json));

    [Theory]
    [InlineData(Push, """{"source":["aws.imagebuilder"]}""")]
    [InlineData(Push, """{"detail":{"action-type":["DELETE"]}}""")]
    [InlineData(Push, """{"detail":{"image-tag":["LATEST"]}}""")]
    [InlineData(Push, """{"resources":["x"]}""")]
    [InlineData(Push, """{"detail":{"image-tag":[{"anything-but":"latest"}]}}""")]
    [InlineData(Push, """{"detail":{"image-tag":[{"anything-but":{"equals-ignore-case":["Latest"]}}]}}""")]
    [InlineData(Push, """{"detail":{"image-tag":[{"exists":false}]}}""")]
    [InlineData(Push, """{"detail":[{"exists":true}]}""")]
    [InlineData(Push, """{"detail":{"missing":[{"anything-but":"x"}]}}""")]
    [InlineData(Push, """{"$or":[{"source":["aws.s3"]},{"region":["eu-west-1"]}]}""")]
    [InlineData(PushByDigest, """{"detail":{"image-tag":[{"anything-but":""}]}}""")]
    [InlineData(Built, """{"detail":{"state":["AVAILABLE"]}}""")]
    [InlineData("""{"a":"null"}""", """{"a":[null]}""")]
    [InlineData("""{"a":"5"}""", """{"a":[5]}""")]
    [InlineData("""{"a":1237940039285380274899124231.0}""", """{"a":[1237940039285380274899124231]}""")]
    [InlineData("""{"a":[{"x":1},{"y":2}]}""", """{"a":{"x":[{"exists":false}]}}""")]
    [InlineData("""{"a":[{"x":1,"y":9},{"x":9,"y":2}]}""", """{"a.x":[1],"a.y":[2]}""")]
    [InlineData("""{"a":{"b":2}}""", """{"a.b":[1]}""")]
    [InlineData("""{"a":{"c":[{"x":1},{"x":2}]},"d":[{"y":1},{"y":2}]}""", """{"a":{"c":{"x":[3]}},"d":{"y":[1]}}""")]
    [InlineData("""{"a":0}""", """{"a":[{"numeric":[">",0,"<=",5]}]}""")]
    [InlineData("""{"a":"3"}""", """{"a":[{"numeric":[">",0]}]}""")]
    [InlineData("""{"a":5000000001}""", """{"a":[{"numeric":[">",0]}]}""")]
    [InlineData("""{"a":0.1234567}""", """{"a":[{"numeric":[">",0]}]}""")]
    [InlineData("""{"a":0.12345670}""", """{"a":[0.1234567]}""")]
    [InlineData("""{"a":"10.1.0.1"}""", """{"a":[{"cidr":"10.0.0.0/16"}]}""")]
    [InlineData("""{"a":"not an address"}""", """{"a":[{"cidr":"10.0.0.0/16"}]}""")]
    [InlineData("""{"a":[{"x":1,"y":9},{"x":9,"y":2}]}""", """{"a":{"x":[1],"y":[2]}}""")]
    [InlineData("""{"a":"axb"}""", """{"a":[{"wildcard":"a\\*b"}]}""")]
    [InlineData("""{"a":"abc"}""", """{"a":[{"wildcard":"*b"}]}""")]
    [InlineData("""{"a":false}""", """{"a":[true]}""")]
    [InlineData("""{"a":"10.0.0.1"}""", """{"a":[{"cidr":"10.0.0.33/24"}]}""")]
    [InlineData("""{"a":"10"}""", """{"a":[{"cidr":"0.0.0.0/8"}]}""")]
    [InlineData("""{"a":[[{"x":"u"},1],[{"x":"v"},2]]}""", """{"a":[2],"a.x":["u"]}""")]
    [InlineData("""{"a":"10.0.0.01x"}""", """{"a":["10.0.0.1"]}""")]
    [InlineData("""{"a":[{"x":1},{"y":2}]}""", """{"a":{"x":[{"exists":true}],"y":[{"exists":true}]}}""")]
    [InlineData("""{"a":[{"b":[{"x":1},{"y":2}]}]}""", """{"a":{"b":{"x":[1],"y":[2]}}}""")]
    [InlineData("""{"a":[]}""", """{"a":{"x":[{"exists":true}]}}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[{"anything-but":[1,2,3]}]}""")]
    [InlineData("""{"a":[{"x":1,"y":2},{"y":3}]}""", """{"a":{"x":[{"exists":false}],"y":[3]}}""")]
    [InlineData("""{"l":[{"p":[[[{"q":"i"},483.3,287.48116291799363],[{"q":"j"},489.9]]]}]}""", """{"l":{"p":[287.48116291799363],"p":{"q":["j"]}}}""")]
    [InlineData("""{"x":"y"}""", """{"x":["y"],"x":["z"]}""")]
    [InlineData("""{"a":"x","b":"u"}""", """{"$or":[{"a":["x"],"c":["1"]},{"a":["y"],"b":["u"]}]}""")]
    [InlineData("""{"a":"x$"}""", """{"a":[{"anything-but":{"suffix":"$"}}]}""")]
    [InlineData("""{"a":4.0e-6}""", """{"a":[{"numeric":[">",2.0e-6,"<",4.0e-6]}]}""")]
    [InlineData("""{"a":"::e"}""", """{"a":["::f"]}""")]
    [InlineData("""{"a":"255.255.255.6"}""", """{"a":["255.255.255.5"]}""")]
    [InlineData("""{"a":"13.34.0.0"}""", """{"a":[{"cidr":"13.32.0.0/15"}]}""")]
    [InlineData("""{"a":123}""", """{"a":[{"cidr":"10.0.0.0/24"}]}""")]
    [InlineData("""{"a":[]}""", """{"a":[null]}""")]
    [InlineData("""{"a":"{\"b\": 1}"}""", """{"a":{"b":[1]}}""")]
    [InlineData("""{"a":"a"}""", """{"a":["b"],"b":[{"exists":false}]}""")]
    [InlineData(Instances, """{"t":{"s":["OFF"],"p":{"id":["y"]},"r":{"c":{"i":{"n":[{"exists":false}]}}}}}""")]
    [InlineData(Songs, """{"songs":{"by":{"first":["Mick"],"last":["McCartney"]}}}""")]
    [InlineData(Songs, """{"genres":{"pop":[true]},"songs":{"name":["Writer"],"by":{"first":["Mick"]}}}""")]
    [InlineData("""{"d":[{"n":"a"},{"i":{"x":"1"}}]}""", """{"d":{"n":[{"exists":true}],"i":{"x":["1"]}}}""")]
    [InlineData("""{"d":[{"n":"alice"},{"t":"user"}]}""", """{"d":{"n":[{"suffix":"ice"}],"t":[{"exists":true}]}}""")]
    [InlineData("""{"d":{"a":[],"t":"x"}}""", """{"d":{"a":[{"exists":true}],"t":[{"exists":true}]}}""")]
    public void Matches_EventDoesNotFitThePattern_IsFalse(string json, string pattern) => Assert.False(Matches(pattern, json));

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    [InlineData("""{"source":"aws.ecr"}""")]
    [InlineData("""{"source":[]}""")]
    [InlineData("""{"detail":{}}""")]
    [InlineData("""{"a":[["x"]]}""")]
    [InlineData("""{"a":[{"prefix":1}]}""")]
    [InlineData("""{"a":[{"starts-with":"x"}]}""")]
    [InlineData("""{"a":[{"prefix":"x","suffix":"y"}]}""")]
    [InlineData("""{"a":[{}]}""")]
    [InlineData("""{"a":[{"exists":"yes"}]}""")]
    [InlineData("""{"a":[{"numeric":[">"]}]}""")]
    [InlineData("""{"a":[{"numeric":["!=",1]}]}""")]
    [InlineData("""{"a":[{"numeric":["<",5000000001]}]}""")]
    [InlineData("""{"a":[{"anything-but":["a",1]}]}""")]
    [InlineData("""{"a":[{"anything-but":[]}]}""")]
    [InlineData("""{"a":[{"anything-but":{"cidr":"10.0.0.0/8"}}]}""")]
    [InlineData("""{"a":[{"wildcard":"a**b"}]}""")]
    [InlineData("""{"a":[{"wildcard":"a\\b"}]}""")]
    [InlineData("""{"a":[{"cidr":"10.0.0.0"}]}""")]
    [InlineData("""{"a":[{"cidr":"10.0.0.0/33"}]}""")]
    [InlineData("""{"$or":[{"a":["b"]}]}""")]
    [InlineData("""{"a":["b"]""")]
    [InlineData("""{"a":[{"numeric":["=",2.0e22]}]}""")]
    [InlineData("""{"a":[{"numeric":["<",1,">",0]}]}""")]
    [InlineData("""{"a":[{"prefix":{"equals-ignore-case":["abc"]}}]}""")]
    [InlineData("""{"a":[{"suffix":{"equals-ignore-case":"abc","test":"def"}}]}""")]
    [InlineData("""{"a":[{"anything-but":{"prefix":"foo"},"x":1}]}""")]
    [InlineData("""{"a":[{"cidr":"10.10.10.10.10/3"}]}""")]
    [InlineData("""{"a":[{"cidr":"2400:6500:FF00::36FB:1F80/222"}]}""")]
    [InlineData("""{"a":[{"exactly":33}]}""")]
    [InlineData("""{"a":[{"prefix":{"invalid":["abc"]}}]}""")]
    [InlineData("""{"a":[{"prefix":{"equals-ignore-case":"abc"},"x":"y"}]}""")]
    [InlineData("""{"a":[{"anything-but":{"wildcard":["1","a**b"]}}]}""")]
    [InlineData("""{"a":[{"wildcard":["abc"]}]}""")]
    [InlineData("""{"a":[{"numeric":["=",true]}]}""")]
    [InlineData("""{"a":[{"numeric":["=",2.0e422]}]}""")]
    [InlineData("""{"a":[{"numeric":["==",1,">",0]}]}""")]
    [InlineData("""{"a":[{"numeric":[">",1,"<",30,false]}]}""")]
    [InlineData("""{"a":[{"exists":true,"x":"y"}]}""")]
    [InlineData("""{"a":[{"cidr":"foo/bar/baz"}]}""")]
    [InlineData("""{"a":[{"cidr":"192.168.0.1/-3424"}]}""")]
    [InlineData("""{"a":[{"cidr":"2.1.0.-1/3"}]}""")]
    [InlineData("""{"a":[{"cidr":"2400:6500:3:3:-5:3:3:3:3:3FF00::36FB:1F80/122"}]}""")]
    public void Parse_NotAPattern_IsRefused(string pattern) => Assert.Throws<PatternException>(() => EventPattern.Parse(pattern));

    /// <summary>The texts of the service, from recordings.</summary>
    [Theory]
    [InlineData("""{"a":[{"prefix":""}]}""", "Null prefix/suffix not allowed")]
    [InlineData("""{"a":[{"suffix":""}]}""", "Null prefix/suffix not allowed")]
    [InlineData("""{"a":[{"suffix":{"equals-ignore-case":""}}]}""", "Null prefix/suffix not allowed")]
    [InlineData("""{"a":[{"anything-but":{"prefix":""}}]}""", "Null prefix/suffix not allowed")]
    [InlineData("""{"a":[{"anything-but":{"suffix":["x",""]}}]}""", "Null prefix/suffix not allowed")]
    [InlineData("""{"a":[{"anything-but":{"prefix":{"equals-ignore-case":"file"}}}]}""",
        "Value of anything-but must be an array or single string/number value.")]
    [InlineData("""{"a":[{"anything-but":{"suffix":{"equals-ignore-case":".png"}}}]}""",
        "Value of anything-but must be an array or single string/number value.")]
    [InlineData("""{"a":[{"anything-but":{"prefix":null}}]}""", "Value of anything-but must be an array or single string/number value.")]
    [InlineData("""{"a":[{"anything-but":{"wildcard":{"a":1}}}]}""", "Value of anything-but must be an array or single string/number value.")]
    [InlineData("""{"a":[{"anything-but":null}]}""", "Value of anything-but must be an array or single string/number value.")]
    [InlineData("""{"a":[{"anything-but":["x",null]}]}""", "Inside anything but list, start|null|boolean is not supported.")]
    [InlineData("""{"a":[{"anything-but":{"prefix":123}}]}""", "prefix/suffix match pattern must be a string")]
    [InlineData("""{"a":[{"anything-but":{"wildcard":[123,"*/dir/*"]}}]}""", "wildcard match pattern must be a string")]
    [InlineData("""{"a":[{"anything-but":{"equals-ignore-case":[123,456]}}]}""",
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.")]
    [InlineData("""{"a":[{"equals-ignore-case":{"prefix":"ec2"}}]}""", "equals-ignore-case match pattern must be a string")]
    [InlineData("""{"a":[{"numeric":[">",5,"<",3]}]}""", "Bottom must be less than top")]
    [InlineData("""{"a":[{"numeric":[">",5,"<",5]}]}""", "Bottom must be less than top")]
    [InlineData("""{"a":[{"numeric":[">",0,">",0]}]}""", "Bad numeric range operator: >")]
    [InlineData("""{"a":[{"numeric":[">",0,"<"]}]}""", "Value of < must be numeric")]
    [InlineData("""{"a":[{"NUMERIC":["=",5]}]}""", "Unrecognized match type NUMERIC")]
    [InlineData("""{"a":[{"wildcard":"*:*:*:*:*:event-bus/*"}]}""",
        "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character")]
    [InlineData("""{"a":[{"wildcard":"arn:**:x"}]}""", "Consecutive wildcard characters at pos 5")]
    [InlineData("""{"a":[{"cidr":"xx.11.xx/8"}]}""", "Nonstandard IP address: xx.11.xx")]
    [InlineData("""{"a":[{"cidr":"xxxx:db8:1234:1a00::/64"}]}""", "Nonstandard IP address: xxxx:db8:1234:1a00::")]
    [InlineData("""{"a":[{"cidr":"10.11.12.13/yy"}]}""", "Malformed CIDR, mask bits must be an integer")]
    [InlineData("""{"a":[{"cidr":["bad-type"]}]}""", "prefix match pattern must be a string")]
    [InlineData("""{"a":[{"cidr":"300.1.1.1/8"}]}""", "Invalid IP address: 300.1.1.1")]
    [InlineData("""{"a":[{"cidr":"10.1.1.1/32"}]}""", "IPv4 mask bits must be < 32")]
    [InlineData("""{"a":[{}]}""", "Match expression name not found")]
    [InlineData("""{"a":[{"anything-but":{}}]}""", "Anything-But expression name not found")]
    [InlineData("""{"a":[{"prefix":{}}]}""", "Prefix expression name not found")]
    [InlineData("""{"a":[{"suffix":{"equals-ignore-case":5}}]}""", "equals-ignore-case match pattern must be a string")]
    [InlineData("""{"a":[{"numeric":["=",1],"prefix":"x"}]}""", "Too many elements in numeric expression")]
    [InlineData("""{"a":[{"anything-but":"x","prefix":"x"}]}""", "Too many elements in numeric expression")]
    [InlineData("""{"a":[{"anything-but":{"wildcard":"foo","a":1}}]}""", "Too many elements in numeric expression")]
    [InlineData("""{"a":[{"anything-but":[]}]}""", "Inside anything but list, either all values are number or string, mixed type is not supported")]
    [InlineData("""{"a":[{"anything-but":123456789012}]}""", "Value must be between -5.0E9 and 5.0E9, inclusive")]
    [InlineData("""{"a":[{"anything-but":[123456789012]}]}""", "Value must be between -5.0E9 and 5.0E9, inclusive")]
    [InlineData("""{"a":[{"numeric":["=",5000000001]}]}""", "Value must be between -5.0E9 and 5.0E9, inclusive")]
    [InlineData("""{"$or":{"a":["b"]}}""", "It must be an Array followed with $or.")]
    [InlineData("""{"$or":[{"a":["b"]},"c"]}""", "Only JSON object is allowed in array of $or relationship.")]
    [InlineData("""{"$or":[{"a":["b"]}]}""", "There must have at least 2 Objects in $or relationship.")]
    [InlineData("""{"$or":[{"a":["b"]},{"c":{"prefix":["d"]}}]}""", "prefix is Ruler reserved fieldName which cannot be used inside $or.")]
    [InlineData("""{"int":42}""", "\"int\" must be an object or an array")]
    [InlineData("this is valid json but not a dict",
        "Unrecognized token 'this': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)\"this is valid json but not a dict\"; line: 1, column: 5]")]
    [InlineData("{'bad': 'quotation'}",
        "Unexpected character (''' (code 39)): was expecting double-quote to start field name\n at [Source: (String)\"{'bad': 'quotation'}\"; line: 1, column: 2]")]
    [InlineData("{\"not\": closed mark\"",
        "Unrecognized token 'closed': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)\"{\"not\": closed mark\"\"; line: 1, column: 15]")]
    public void Parse_NotAPattern_IsRefusedWithTheServicesText(string pattern, string reason)
    {
        var message = Assert.Throws<PatternException>(() => EventPattern.Parse(pattern)).Message;

        Assert.Equal(reason, reason.Contains('\n', StringComparison.Ordinal) ? message : message.Split('\n')[0]);
    }

    [Theory]
    [InlineData("""{"n": 5}""", 8)]
    [InlineData("""{"n": "text"}""", 8)]
    [InlineData("""{"n": true}""", 11)]
    [InlineData("""{"n": []}""", 9)]
    [InlineData("""{"n": {}}""", 9)]
    [InlineData("""["n"]""", 2)]
    [InlineData("""{"n": [["x"]]}""", 9)]
    [InlineData("""{"n": [{"like": ["x"]}]}""", 18)]
    [InlineData("""{"n": [{"prefix": "a", "suffix": "b"}]}""", 35)]
    [InlineData("""{"n": [{"prefix": "a", "exists": true}]}""", 38)]
    [InlineData("""{"n": [{"exists": "yes"}]}""", 20)]
    [InlineData("""{"n": [{"prefix": null}]}""", 23)]
    [InlineData("""{"n": [{"suffix": ""}]}""", 21)]
    [InlineData("""{"n": [{"wildcard": "a**b"}]}""", 27)]
    [InlineData("""{"n": [{"numeric": []}]}""", 22)]
    [InlineData("""{"n": [{"numeric": ["about"]}]}""", 29)]
    [InlineData("""{"n": [{"numeric": ["=", "5"]}]}""", 27)]
    [InlineData("""{"n": [{"numeric": [">", 5, "<", 3]}]}""", 36)]
    [InlineData("""{"n": [{"numeric": [">", 5, ">", 3]}]}""", 32)]
    [InlineData("""{"n": [{"numeric": [">", 1, "<", 3, "<", 5]}]}""", 38)]
    [InlineData("""{"n": [{"anything-but": {"prefix": 7}}]}""", 37)]
    [InlineData("""{"ü": [{"prefix": 7}]}""", 20)]
    [InlineData("""{"n": [{"anything-but": {"wildcard": "a**b"}}]}""", 44)]
    [InlineData("""{"n": [{"anything-but": {"wildcard": ["x", "a**b"]}}]}""", 51)]
    [InlineData("""{"n": [{"anything-but": [1, "x"]}]}""", 33)]
    [InlineData("""{"$or": [{"n": ["x"]}]}""", 23)]
    [InlineData("""{"$or": 5}""", 10)]
    [InlineData("""{"n": [{"numeric": [">", 5, "<"]}]}""", 33)]
    [InlineData("""{"n": [{"equals-ignore-case": ["x"]}]}""", 32)]
    [InlineData("""{"n": [{"anything-but": {"prefix": {"equals-ignore-case": "x"}}}]}""", 37)]
    [InlineData("""{"n": [{"anything-but": {"equals-ignore-case": 7}}]}""", 49)]
    [InlineData("""{"n": [{"cidr": ["x"]}]}""", 18)]
    [InlineData("""{"n": [{"wildcard": 7}]}""", 22)]
    public void Parse_NotAPattern_SaysWhereTheServiceStops(string pattern, int column) =>
        Assert.EndsWith(
            $"\n at [Source: (String)\"{pattern}\"; line: 1, column: {column}]",
            Assert.Throws<PatternException>(() => EventPattern.Parse(pattern)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Parse_NotAPattern_CountsLines() =>
        Assert.EndsWith("line: 2, column: 9]", Assert.Throws<PatternException>(() => EventPattern.Parse("{\n  \"n\": 5\n}")).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_WrongTextInAList_HasItsPositionTwice()
    {
        const string Pattern = """{"n": [{"anything-but": {"suffix": [7, "x"]}}]}""";
        const string Position = "\n at [Source: (String)\"" + Pattern + "\"; line: 1, column: 38]";

        Assert.Equal(
            "prefix/suffix match pattern must be a string" + Position + Position,
            Assert.Throws<PatternException>(() => EventPattern.Parse(Pattern)).Message);
    }

    [Fact]
    public void Parse_LongPattern_ShowsItsBeginning() =>
        Assert.EndsWith(
            $"{{\"n\":\"{new string('x', 494)}\"[truncated 8 chars]; line: 1, column: 7]",
            Assert.Throws<PatternException>(() => EventPattern.Parse($"{{\"n\":\"{new string('x', 500)}\"}}")).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"n": [{"cidr": "10.0.0.0"}]}""")]
    [InlineData("""{"n": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}""")]
    public void Parse_NotAPattern_WithoutAPosition(string pattern) =>
        Assert.DoesNotContain('\n', Assert.Throws<PatternException>(() => EventPattern.Parse(pattern)).Message);

    private static bool Matches(string pattern, string json)
    {
        using var document = JsonDocument.Parse(json);
        return EventPattern.Parse(pattern).Matches(document.RootElement);
    }
}
